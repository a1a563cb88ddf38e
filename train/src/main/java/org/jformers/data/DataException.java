package org.jformers.data;

import org.jformers.JformersException;

/** Data that cannot be read or does not have the form that was asked for. */
public final class DataException extends JformersException {
    private static final long serialVersionUID = 1L;

    public DataException(String message) {
        super(message);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
