package org.jformers.model.family;

import java.util.List;
import java.util.Map;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.GgufForm;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.nn.feedforward.GatedMlp;

/**
 * mT5: T5 1.1 over the tokens of a hundred languages.
 *
 * <p>Reference: arXiv:2010.11934; transformers 5.18 {@code models/mt5}.
 *
 * <p>Differences from {@link T5}: the output layer is never scaled, and the feed-forward part is gated unless the
 * config says otherwise.
 */
public final class Mt5 implements ModelFamily<T5.Config> {
    private static final String FEED_FORWARD = "gated-gelu";

    @Override
    public String modelType() {
        return "mt5";
    }

    @Override
    public Class<T5.Config> configType() {
        return T5.Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return T5.architectures("MT5");
    }

    @Override
    public ModelSpec spec(T5.Config c, Task task) {
        return T5.spec(c, task, T5.feedForward(c, FEED_FORWARD), 1);
    }

    @Override
    public WeightMap weights(T5.Config c, Task task) {
        return T5.weights(c, task, T5.feedForward(c, FEED_FORWARD) instanceof GatedMlp.Spec);
    }

    /** Written as T5's; such files are read as T5. */
    @Override
    public List<GgufForm<T5.Config>> gguf() {
        return T5Gguf.forms(FEED_FORWARD).stream().map(form -> form.reading(head -> false)).toList();
    }
}
