package org.jformers.server;

import io.javalin.http.HandlerType;

/**
 * A route of the server.
 *
 * @param path as Javalin writes it: {@code {name}} is a part, {@code <name>} one with slashes
 * @param access who may use it
 */
record Route(HandlerType method, String path, Access access, Work work) {

    /** Who may use a route. */
    enum Access {
        /** Everybody: it says nothing of models and texts. */
        OPEN,
        /** Those with a key, where there are keys. */
        KEY,
        /** Those with a key of the administrator; nobody where there is none. */
        ADMIN
    }

    /** What answers. */
    @FunctionalInterface
    interface Work {
        void answer(Exchange exchange);
    }

    /** As metrics and the log name it. */
    String label() {
        return method + " " + path;
    }
}
