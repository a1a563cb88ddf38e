package org.jformers.model;

import org.jformers.JformersException;

/** A configuration that lacks a key, holds a value of the wrong kind, or asks for what the family does not do. */
public final class ConfigException extends JformersException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(oneLine(message));
    }

    public ConfigException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    /** Messages repeat values of foreign files, which may hold anything. */
    private static String oneLine(String message) {
        return message.replaceAll("\\p{Cntrl}", "\uFFFD");
    }
}
