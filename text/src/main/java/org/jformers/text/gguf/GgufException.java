package org.jformers.text.gguf;

import org.jformers.JformersException;

/** A GGUF file that is damaged, or that lacks what is asked of it. */
public final class GgufException extends JformersException {
    private static final long serialVersionUID = 1L;

    public GgufException(String message) {
        super(printable(message));
    }

    public GgufException(String message, Throwable cause) {
        super(printable(message), cause);
    }
}
