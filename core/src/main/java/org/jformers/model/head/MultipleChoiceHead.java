package org.jformers.model.head;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * Which of several continuations fits: one score per choice. The inputs are [B, choices, T]; where rows have fewer
 * choices than others, {@code choice_mask} [B, choices] is 1 at those that are there, and no other can be chosen.
 */
public final class MultipleChoiceHead extends Head {
    private final SequenceSummary summary;
    private final Linear classifier;

    /** @param summary which vector stands for a continuation */
    public record Spec(SequenceSummary.Spec summary) implements Head.Spec {
        @Override
        public MultipleChoiceHead build(Optional<Embedding> tokens) {
            return new MultipleChoiceHead(this);
        }
    }

    private MultipleChoiceHead(Spec spec) {
        summary = child("summary", spec.summary().build());
        classifier = child("classifier", new Linear.Spec(spec.summary().out(), 1).build());
    }

    @Override
    public Set<String> takes() {
        return Set.of("labels", "choice_mask");
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor summary_BC = summary.forward(hidden_BTC, inputs, Optional.empty());
        Tensor scores = classifier.forward(summary_BC).view(-1, inputs.choices());
        Tensor logits = inputs.mask("choice_mask").map(there -> {
            Shapes.require("choice_mask", there, scores.size(0), scores.size(1));
            Tensor missing = Tensors.beside(there.logical_not(), scores);
            return scores.masked_fill(missing, Tensors.never(Tensors.type(scores)));
        }).orElse(scores);
        output.put("logits", logits);
        inputs.find("labels").ifPresent(labels -> output.put("loss", Losses.crossEntropy(logits, labels)));
    }
}
