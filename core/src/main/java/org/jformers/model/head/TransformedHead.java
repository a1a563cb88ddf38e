package org.jformers.model.head;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.norm.Norm;

/** A head behind a map of each position: linear, activation, norm (ModernBERT's prediction head). */
public final class TransformedHead extends Head {
    private final Spec spec;
    private final Linear dense;
    private final Norm norm;
    private final Dropout dropout;
    private final Head head;

    /**
     * @param width C
     * @param transform the map
     * @param dropout rate behind it, in [0, 1)
     * @param head what stands on it, as wide as the norm
     */
    public record Spec(int width, LanguageModelHead.Transform transform, double dropout, Head.Spec head)
            implements Head.Spec {
        @Override
        public TransformedHead build(Optional<Embedding> tokens) {
            return new TransformedHead(this, tokens);
        }
    }

    private TransformedHead(Spec spec, Optional<Embedding> tokens) {
        this.spec = spec;
        var map = spec.transform();
        dense = child("dense", new Linear.Spec(spec.width(), map.norm().width(), map.bias(), Role.WEIGHT).build());
        norm = child("norm", map.norm().build());
        dropout = new Dropout(spec.dropout());
        head = child("head", spec.head().build(tokens));
    }

    @Override
    public Set<String> takes() {
        return head.takes();
    }

    @Override
    public boolean ignoresPadding() {
        return head.ignoresPadding();
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        Tensor x_BTC = norm.forward(spec.transform().activation().apply(dense.forward(hidden_BTC)));
        head.forward(dropout.forward(x_BTC, training()), inputs, output);
    }
}
