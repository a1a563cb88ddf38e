package org.jformers.settings;

import org.jformers.JformersException;

/** A setting that does not exist, or a value that it cannot take. */
public final class SettingsException extends JformersException {
    private static final long serialVersionUID = 1L;

    public SettingsException(String message) {
        super(message);
    }

    public SettingsException(String message, Throwable cause) {
        super(message, cause);
    }
}
