package org.jformers.model.family;

import java.util.Map;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.nn.block.Block;

/**
 * BART: the original encoder-decoder with learned positions, a norm behind the embedding, and GELU.
 *
 * <p>Reference: arXiv:1910.13461; transformers 5.18 {@code models/bart}. {@link BartLike} is what the families after it
 * share with it.
 */
public final class Bart implements ModelFamily<BartConfig> {
    private static final BartLike LIKE =
            new BartLike("bart", Block.NormOrder.POST, BartLike.Entrance.LEARNED, 3);

    @Override
    public String modelType() {
        return "bart";
    }

    @Override
    public Class<BartConfig> configType() {
        return BartConfig.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "BartModel", Task.BASE,
                "BartForConditionalGeneration", Task.SEQ2SEQ_LM,
                "BartForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "BartForQuestionAnswering", Task.QUESTION_ANSWERING,
                "BartForCausalLM", Task.CAUSAL_LM);
    }

    @Override
    public ModelSpec spec(BartConfig c, Task task) {
        return LIKE.spec(c, task, BartLike.denoising(c, task));
    }

    @Override
    public WeightMap weights(BartConfig c, Task task) {
        return BartWeights.of(c, task);
    }
}
