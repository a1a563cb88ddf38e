package org.jformers.generation;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;

/**
 * Makes the tokens of the source (of a decoder: the prompt) likelier, as {@link RepetitionPenalty} makes tokens less
 * likely. As in the reference (transformers 5.18), of the rows of several beams or continuations only as many
 * are changed as there are sources: the first ones.
 */
final class EncoderRepetitionPenalty implements LogitsProcessor {
    private final RepetitionPenalty inverse;
    private final long[][] source_BS;

    /**
     * @param penalty factor above 0; below 1 it makes them less likely
     * @param source_BS tokens of each source, padding included
     */
    EncoderRepetitionPenalty(double penalty, long[][] source_BS) {
        inverse = new RepetitionPenalty(1 / penalty);
        this.source_BS = source_BS;
    }

    @Override
    public Tensor process(long[][] ids_BS, Tensor scores_BV) {
        long vocabulary = scores_BV.size(1);
        if (Arrays.stream(source_BS).flatMapToLong(Arrays::stream).anyMatch(id -> id >= vocabulary)) {
            throw new ConfigException("generation: got encoder_repetition_penalty for a source with tokens beyond the "
                    + vocabulary + " that can be written, allowed where both have one vocabulary");
        }
        inverse.process(source_BS, scores_BV.narrow(0, 0, source_BS.length));
        return scores_BV;
    }
}
