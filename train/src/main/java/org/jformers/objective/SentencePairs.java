package org.jformers.objective;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jformers.data.Batch;
import org.jformers.model.ConfigException;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.head.PretrainingHead;

/**
 * Hidden tokens, and how two stretches of text are related (arXiv:1810.04805, 3.1; arXiv:1909.11942, 3.1): the mean
 * over the hidden tokens and the mean over the pairs, added.
 */
public record SentencePairs(Model model) implements Objective {
    /** Where models read how a pair is related, by what they were pretrained with. */
    private static final List<String> FIELDS = List.of("next_sentence_label", "sentence_order_label");

    /** @throws ConfigException if the model has no heads for both */
    public SentencePairs {
        if (field(model.takes()).isEmpty()) {
            throw new ConfigException("sentence pairs: got " + model.identity().architecture()
                    + ", allowed models with heads for hidden tokens and for pairs");
        }
    }

    /** The name of the labels of pairs among those of a model's inputs, if it has heads for both. */
    public static Optional<String> field(Set<String> inputs) {
        return inputs.contains("labels") ? FIELDS.stream().filter(inputs::contains).findFirst() : Optional.empty();
    }

    @Override
    public Loss loss(Batch batch) {
        return model.loss(BatchTensors.of(batch));
    }

    @Override
    public double count(Batch batch, String term) {
        return term.equals(PretrainingHead.SENTENCES) ? batch.examples() : Objective.super.count(batch, term);
    }
}
