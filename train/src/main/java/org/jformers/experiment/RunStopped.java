package org.jformers.experiment;

import org.jformers.JformersException;

/** A run that ended early because somebody asked for it; it is saved, and the message says how it goes on. */
public final class RunStopped extends JformersException {
    private static final long serialVersionUID = 1L;

    public RunStopped(String message) {
        super(message);
    }
}
