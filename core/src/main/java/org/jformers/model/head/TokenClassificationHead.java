package org.jformers.model.head;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;

/** One label for each token. */
public final class TokenClassificationHead extends Head {
    private final Linear classifier;
    private final Dropout dropout;

    /**
     * @param width C
     * @param classes number of labels
     * @param dropout rate before the classifier, in [0, 1)
     */
    public record Spec(int width, int classes, double dropout) implements Head.Spec {
        @Override
        public TokenClassificationHead build(Optional<Embedding> tokens) {
            return new TokenClassificationHead(this);
        }
    }

    private TokenClassificationHead(Spec spec) {
        classifier = child("tokenClassifier", new Linear.Spec(spec.width(), spec.classes()).build());
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public boolean readsPadding(ModelInputs inputs) {
        return labelsPadding(inputs);
    }

    @Override
    public boolean ignoresPadding() {
        return true;
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor logits_BTL = classifier.forward(dropout.forward(hidden_BTC, training()));
        output.put("logits", logits_BTL);
        inputs.find("labels").ifPresent(labels -> output.put("loss", Losses.crossEntropy(logits_BTL, labels)));
    }
}
