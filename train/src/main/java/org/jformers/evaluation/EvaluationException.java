package org.jformers.evaluation;

import org.jformers.JformersException;

/** Predictions, references or settings that cannot be scored. */
public final class EvaluationException extends JformersException {
    private static final long serialVersionUID = 1L;

    public EvaluationException(String message) {
        super(message);
    }
}
