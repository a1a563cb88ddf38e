package org.jformers.model.head;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;

/** No task: the hidden states themselves, and the pooled first token where the family pools. */
public final class BaseHead extends Head {
    private final Optional<SequenceSummary> pooler;

    /** @param pooler how the family pools, empty if it does not */
    public record Spec(Optional<SequenceSummary.Spec> pooler) implements Head.Spec {
        @Override
        public Optional<Head.Spec> withoutPooler() {
            return pooler.map(unused -> new Spec(Optional.empty()));
        }

        @Override
        public BaseHead build(Optional<Embedding> tokens) {
            return new BaseHead(this);
        }
    }

    private BaseHead(Spec spec) {
        pooler = spec.pooler().map(kind -> child("summary", kind.build()));
    }

    @Override
    public Set<String> takes() {
        return Set.of();
    }

    @Override
    public boolean ignoresPadding() {
        return pooler.map(kind -> !kind.readsPadding()).orElse(true);
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        output.put("last_hidden_state", hidden_BTC);
        pooler.ifPresent(p -> output.put("pooler_output", p.forward(hidden_BTC, inputs, Optional.empty())));
    }
}
