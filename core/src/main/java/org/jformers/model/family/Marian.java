package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import java.util.Map;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.nn.block.Block;

/**
 * Marian: BART's blocks over sinusoidal positions, as translators are trained with marian-nmt.
 *
 * <p>Reference: arXiv:1804.00344; transformers 5.18 {@code models/marian}.
 *
 * <p>Differences from {@link Bart}: positions are sines and cosines, no norm stands behind the embedding, and encoder
 * and decoder may have vocabularies of their own.
 */
public final class Marian implements ModelFamily<BartConfig> {
    private static final int PADDING = 58100;

    @Override
    public String modelType() {
        return "marian";
    }

    @Override
    public Class<BartConfig> configType() {
        return BartConfig.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "MarianModel", Task.BASE,
                "MarianMTModel", Task.SEQ2SEQ_LM,
                "MarianForCausalLM", Task.CAUSAL_LM);
    }

    @Override
    public ModelSpec spec(BartConfig c, Task task) {
        if (or(c.shareEncoderDecoderEmbeddings(), true) && or(c.decoderVocabSize(), c.vocabSize()) != c.vocabSize()) {
            throw new ConfigException("marian: got decoder_vocab_size " + c.decoderVocabSize()
                    + " with shared embeddings, allowed vocab_size " + c.vocabSize());
        }
        var entrance = isStored(task) ? BartLike.Entrance.SINUSOIDAL_STORED : BartLike.Entrance.SINUSOIDAL;
        return new BartLike("marian", Block.NormOrder.POST, entrance, 2)
                .spec(c, task, BartLike.labels(c, task, PADDING));
    }

    /** The library leaves the positions out of translators' checkpoints, and of no others. */
    private static boolean isStored(Task task) {
        return task != Task.SEQ2SEQ_LM;
    }

    @Override
    public WeightMap weights(BartConfig c, Task task) {
        return BartWeights.of(c, task);
    }
}
