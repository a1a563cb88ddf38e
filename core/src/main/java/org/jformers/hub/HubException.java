package org.jformers.hub;

import org.jformers.JformersException;

/** A model that cannot be had: the hub refuses or lacks it, the cache does not hold it, or what came is not what it is. */
public final class HubException extends JformersException {
    private static final long serialVersionUID = 1L;

    public HubException(String message) {
        super(message);
    }

    public HubException(String message, Throwable cause) {
        super(message, cause);
    }
}
