package org.jformers.text.regex;

import org.jformers.JformersException;

/** A regular expression that is not understood, or one that takes too many steps on a text. */
public final class RegexException extends JformersException {
    private static final long serialVersionUID = 1L;

    public RegexException(String message) {
        super(message);
    }
}
