package org.jformers.hub;

import java.io.IOException;
import java.time.Duration;

/** A server said that the same request may work later. */
final class TryAgainException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Duration after;

    /** @param after the wait that the server asks for; zero if it asks for none */
    TryAgainException(String message, Duration after) {
        super(message);
        this.after = after;
    }

    Duration after() {
        return after;
    }
}
