package org.jformers.model;

import org.jformers.JformersException;

/** A configuration that lacks a key, holds a value of the wrong kind, or asks for what the family does not do. */
public final class ConfigException extends JformersException {
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
