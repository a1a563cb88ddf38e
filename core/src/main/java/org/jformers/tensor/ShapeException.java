package org.jformers.tensor;

import org.jformers.JformersException;

/** A tensor that does not have the shape, the type or the range of values that a call needs. */
public final class ShapeException extends JformersException {
    private static final long serialVersionUID = 1L;

    public ShapeException(String message) {
        super(message);
    }
}
