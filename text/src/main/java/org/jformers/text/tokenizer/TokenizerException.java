package org.jformers.text.tokenizer;

import org.jformers.JformersException;

/** A tokenizer file or an id that cannot be used. */
public final class TokenizerException extends JformersException {
    private static final long serialVersionUID = 1L;

    public TokenizerException(String message) {
        super(printable(message));
    }

    public TokenizerException(String message, Throwable cause) {
        super(printable(message), cause);
    }
}
