package org.jformers.training;

import com.fasterxml.jackson.databind.JsonNode;

/** A part of a run with a state of its own that a resumed run needs: it saves and restores itself under a name. */
public interface Stateful {

    /** The name of its state in checkpoints. */
    String name();

    /** Its state. */
    JsonNode state();

    /** Takes over a state that {@link #state} gave. */
    void restore(JsonNode state);
}
