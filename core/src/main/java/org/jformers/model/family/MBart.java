package org.jformers.model.family;

import java.util.Map;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.kind.DecoderStart;
import org.jformers.nn.block.Block;

/**
 * mBART: BART over many languages.
 *
 * <p>Reference: arXiv:2001.08210; transformers 5.18 {@code models/mbart}.
 *
 * <p>Differences from {@link Bart}: norms stand before the parts, one more behind each stack, and the decoder starts
 * with the code of the language, which ends its target.
 */
public final class MBart implements ModelFamily<BartConfig> {
    private static final BartLike LIKE =
            new BartLike("mbart", Block.NormOrder.PRE, BartLike.Entrance.LEARNED, 2);

    @Override
    public String modelType() {
        return "mbart";
    }

    @Override
    public Class<BartConfig> configType() {
        return BartConfig.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "MBartModel", Task.BASE,
                "MBartForConditionalGeneration", Task.SEQ2SEQ_LM,
                "MBartForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "MBartForQuestionAnswering", Task.QUESTION_ANSWERING,
                "MBartForCausalLM", Task.CAUSAL_LM);
    }

    @Override
    public ModelSpec spec(BartConfig c, Task task) {
        int padding = c.common().padTokenId().orElse(1);
        return LIKE.spec(c, task, new DecoderStart.Rotated(BartLike.sources(task), padding));
    }

    @Override
    public WeightMap weights(BartConfig c, Task task) {
        return BartWeights.of(c, task);
    }
}
