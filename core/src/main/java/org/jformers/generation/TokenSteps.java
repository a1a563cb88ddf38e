package org.jformers.generation;

import java.util.OptionalInt;

/**
 * One sequence that gets its next token when it is asked for it; nothing is computed in between. Made by {@link
 * Generator#steps}. Owns what the model keeps of the text until closed, and uses the model, which stays its owner's.
 * Used by one thread at a time.
 */
public final class TokenSteps implements AutoCloseable {
    private final Engine engine;
    private final Job job;
    private boolean ended;
    private int given;

    TokenSteps(Engine engine, Job job) {
        this.engine = engine;
        this.job = job;
    }

    /**
     * The next token, an end token included; empty when the sequence has ended. Rules are asked with the call behind a
     * token, so that whoever is given one may still end the sequence with it.
     *
     * @throws org.jformers.JformersException if the model is closed
     */
    public OptionalInt next() {
        int[] ids = continuation().ids();
        while (!ended && given == ids.length) {
            engine.step();
            ids = continuation().ids();
            if (job.result().isDone()) {
                ended = true;
                job.outcome();
            }
        }
        return given < ids.length ? OptionalInt.of(ids[given++]) : OptionalInt.empty();
    }

    /** The tokens so far; not complete before the sequence has ended. */
    public Continuation continuation() {
        return job.continuations().get(0).get(0);
    }

    /** Ends the sequence where it is. */
    @Override
    public void close() {
        ended = true;
        engine.close();
    }
}
