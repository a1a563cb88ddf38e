package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;

/** Which of several continuations fits: one score per choice. The inputs are [B, choices, T]. */
public final class MultipleChoiceHead extends Head {
    private final Pooler pooler;
    private final Linear classifier;
    private final Dropout dropout;

    /**
     * @param width C
     * @param dropout rate before the classifier, in [0, 1)
     */
    public record Spec(int width, double dropout) implements Head.Spec {
        @Override
        public MultipleChoiceHead build(Optional<Embedding> tokens) {
            return new MultipleChoiceHead(this);
        }
    }

    private MultipleChoiceHead(Spec spec) {
        pooler = child("pooler", new Pooler(spec.width()));
        classifier = child("classifier", new Linear.Spec(spec.width(), 1).build());
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor pooled_BC = dropout.forward(pooler.forward(hidden_BTC), training());
        Tensor logits = classifier.forward(pooled_BC).view(-1, inputs.choices());
        output.put("logits", logits);
        inputs.find("labels").ifPresent(labels -> output.put("loss", Losses.crossEntropy(logits, labels)));
    }
}
