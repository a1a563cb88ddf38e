package org.jformers.training.report;

import org.jformers.JformersException;

/** A metrics file, plot or report that cannot be read, drawn or written. */
public final class ReportException extends JformersException {
    private static final long serialVersionUID = 1L;

    public ReportException(String message) {
        super(message);
    }

    public ReportException(String message, Throwable cause) {
        super(message, cause);
    }
}
