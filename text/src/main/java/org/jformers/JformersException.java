package org.jformers;

/**
 * A failure whose message is meant for the user: one line that says what is wrong, what was found, what is allowed and
 * where. The command line prints the message alone; any other exception is a defect of jformers.
 */
public class JformersException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what, got, allowed, where; one line */
    public JformersException(String message) {
        super(message);
    }

    /**
     * @param message what, got, allowed, where; one line
     * @param cause the failure below, kept for logs
     */
    public JformersException(String message, Throwable cause) {
        super(message, cause);
    }
}
