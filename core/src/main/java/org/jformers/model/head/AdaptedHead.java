package org.jformers.model.head;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.nn.conv.Adapter;

/** A head on fewer vectors: an adapter shortens the stack's output first. */
public final class AdaptedHead extends Head {
    private final Adapter adapter;
    private final Head head;

    /**
     * @param adapter what shortens
     * @param head what scores
     */
    public record Spec(Adapter.Spec adapter, Head.Spec head) implements Head.Spec {
        @Override
        public AdaptedHead build(Optional<Embedding> tokens) {
            return new AdaptedHead(this, tokens);
        }
    }

    private AdaptedHead(Spec spec, Optional<Embedding> tokens) {
        adapter = child("adapter", spec.adapter().build());
        head = child("head", spec.head().build(tokens));
    }

    @Override
    public Set<String> takes() {
        return head.takes();
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        head.forward(adapter.forward(hidden_BTC), inputs, output);
    }
}
