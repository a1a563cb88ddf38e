package org.jformers.hub;

import org.jformers.JformersException;

/** A model that cannot be had: the hub refuses or lacks it, the cache lacks it, or what came is something else. */
public final class HubException extends JformersException {
    private static final long serialVersionUID = 1L;

    public HubException(String message) {
        super(message);
    }

    public HubException(String message, Throwable cause) {
        super(message, cause);
    }
}
