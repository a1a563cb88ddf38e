package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;

/** Whether the second sentence follows the first: 0 it does, 1 it does not. */
public final class NextSentenceHead extends Head {
    private final SequenceSummary pooler;
    private final Linear classifier;

    /** @param width C */
    public record Spec(int width) implements Head.Spec {
        @Override
        public NextSentenceHead build(Optional<Embedding> tokens) {
            return new NextSentenceHead(this);
        }
    }

    private NextSentenceHead(Spec spec) {
        pooler = child("summary", SequenceSummary.Spec.pooler(spec.width()).build());
        classifier = child("classifier", new Linear.Spec(spec.width(), 2).build());
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_B2 = classifier.forward(pooler.forward(hidden_BTC, inputs, Optional.empty()));
        output.put("logits", logits_B2);
        inputs.find("labels").ifPresent(labels -> output.put("loss", Losses.crossEntropy(logits_B2, labels)));
    }
}
