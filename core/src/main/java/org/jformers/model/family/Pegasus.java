package org.jformers.model.family;

import java.util.Map;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.nn.block.Block;

/**
 * Pegasus: an encoder-decoder for summaries, pretrained on sentences left out of their text.
 *
 * <p>Reference: arXiv:1912.08777; transformers 5.18 {@code models/pegasus}.
 *
 * <p>Differences from {@link Bart}: positions are sines and cosines, held in checkpoints; no norm stands behind the
 * embedding; norms stand before the parts, one more behind each stack.
 */
public final class Pegasus implements ModelFamily<BartConfig> {
    private static final BartLike LIKE =
            new BartLike("pegasus", Block.NormOrder.PRE, BartLike.Entrance.SINUSOIDAL_STORED, 2);

    @Override
    public String modelType() {
        return "pegasus";
    }

    @Override
    public Class<BartConfig> configType() {
        return BartConfig.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "PegasusModel", Task.BASE,
                "PegasusForConditionalGeneration", Task.SEQ2SEQ_LM,
                "PegasusForCausalLM", Task.CAUSAL_LM);
    }

    @Override
    public ModelSpec spec(BartConfig c, Task task) {
        return LIKE.spec(c, task, BartLike.labels(c, task, 0));
    }

    @Override
    public WeightMap weights(BartConfig c, Task task) {
        return BartWeights.of(c, task);
    }
}
