package org.jformers;

/**
 * A failure whose message is meant for the user: one line that says what is wrong, what was found, what is allowed and
 * where. The command line prints the message alone; any other exception is a defect of jformers.
 *
 * <p>Messages repeat what foreign files hold, so their control characters are made visible: {@link VisibleText#line}.
 */
public class JformersException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A message beyond this length holds a name out of a file that is none. */
    private static final int LONG = 600;

    /** @param message what, got, allowed, where; one line */
    public JformersException(String message) {
        super(visible(message));
    }

    /**
     * @param message what, got, allowed, where; one line
     * @param cause the failure below, kept for logs
     */
    public JformersException(String message, Throwable cause) {
        super(visible(message), cause);
    }

    /** The message, which is always there. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** Of a message that a failure below did not give, the word null is left. */
    private static String visible(String message) {
        return VisibleText.line(String.valueOf(message));
    }

    /** The message, cut in the middle where it is long. */
    protected static String printable(String message) {
        StringBuilder text = new StringBuilder(visible(message));
        int cut = text.length() - LONG;
        return cut > 0 ? text.replace(LONG / 2, LONG / 2 + cut, "...").toString() : text.toString();
    }
}
