package org.jformers.generation;

import java.util.OptionalInt;
import org.jformers.model.Decoding;
import org.jformers.tensor.NoGrad;

/**
 * One sequence that gets its next token when it is asked for it; nothing is computed in between. Made by {@link
 * Generator#steps}. Owns what the model keeps of the text until closed, and uses the model, which stays its owner's.
 * Used by one thread at a time.
 */
public final class TokenSteps implements AutoCloseable {
    private final TokenSearch search;
    private final Sampler sampler;
    private final Decoding decoding;
    private boolean begun;
    private boolean ended;
    private boolean closed;

    TokenSteps(TokenSearch search, Sampler sampler, Decoding decoding) {
        this.search = search;
        this.sampler = sampler;
        this.decoding = decoding;
    }

    /**
     * The next token, an end token included; empty when the sequence has ended. Rules are asked with the call behind a
     * token, so that whoever is given one may still end the sequence with it.
     *
     * @throws org.jformers.JformersException if the model is closed
     */
    public OptionalInt next() {
        ended = ended || begun && !search.goesOn();
        if (ended) {
            return OptionalInt.empty();
        }
        begun = true;
        try (NoGrad noGrad = new NoGrad()) {
            search.step();
        }
        int[] ids = continuation().ids();
        return OptionalInt.of(ids[ids.length - 1]);
    }

    /** The tokens so far; not complete before the sequence has ended. */
    public Continuation continuation() {
        return search.continuations().get(0).get(0);
    }

    /** Ends the sequence where it is. */
    @Override
    public void close() {
        ended = true;
        if (!closed) {
            closed = true;
            sampler.close();
            decoding.close();
        }
    }
}
