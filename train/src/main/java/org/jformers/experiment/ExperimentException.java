package org.jformers.experiment;

import org.jformers.JformersException;

/** An experiment that does not exist, does not fit together, or whose run folder cannot be used. */
public final class ExperimentException extends JformersException {
    private static final long serialVersionUID = 1L;

    public ExperimentException(String message) {
        super(message);
    }

    public ExperimentException(String message, Throwable cause) {
        super(message, cause);
    }
}
