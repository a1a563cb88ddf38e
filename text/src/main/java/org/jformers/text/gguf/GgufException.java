package org.jformers.text.gguf;

import org.jformers.JformersException;

/** A GGUF file that is damaged, or that lacks what is asked of it. */
public final class GgufException extends JformersException {
    private static final long serialVersionUID = 1L;

    /** A message beyond this length holds a name out of the file that is none. */
    private static final int LONG = 600;

    public GgufException(String message) {
        super(printable(message));
    }

    public GgufException(String message, Throwable cause) {
        super(printable(message), cause);
    }

    /** One line without control characters, long names cut in the middle: messages repeat names of foreign files. */
    private static String printable(String message) {
        StringBuilder text = new StringBuilder();
        message.codePoints().forEach(c -> text.appendCodePoint(
                Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE ? '\uFFFD' : c));
        int cut = text.length() - LONG;
        return cut > 0 ? text.replace(LONG / 2, LONG / 2 + cut, "...").toString() : text.toString();
    }
}
