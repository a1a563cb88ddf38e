package org.jformers.generation;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Decoding;

/** How the sequences of one request go on from scores. Kinds: {@link TokenSearch}, {@link BeamSearch}. */
interface Search {
    /** The sequences that are to be read on; none once all have ended. */
    List<Strand> strands();

    /**
     * Takes the scores behind the last token of each strand and lets them grow by a token.
     *
     * @param scores_RV float32 on the host, a row per strand
     * @param decoding where their rows are
     */
    void take(Tensor scores_RV, Decoding decoding);

    /** Ends the sequences that are complete and those that may not get longer; asked before the next token. */
    default void settle(Decoding decoding) {}

    /** Ends all sequences as they are. */
    void stop();

    /** The continuations of each prompt, so far. */
    List<List<Continuation>> result();

    /** Frees what it owns, rows aside. */
    void close();
}
