package org.jformers.model.head;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;

/** No task: the hidden states themselves, and one vector for the whole input. */
public final class PooledHead extends Head {
    private final Spec spec;
    private final Optional<Pooling> pooling;
    private final Optional<Linear> projection;

    /**
     * A linear map of the pooled vector without bias, returned in its place.
     *
     * @param output its name among the outputs
     * @param in its input's width
     * @param out its output's width
     */
    public record Projection(String output, int in, int out) {}

    /**
     * @param pooling which vector it is, if there is one
     * @param projection a map of it, if there is one
     */
    public record Spec(Optional<Pooling.Spec> pooling, Optional<Projection> projection) implements Head.Spec {
        /** The pooled vector as it is. */
        public static Spec of(Pooling.Spec pooling) {
            return new Spec(Optional.of(pooling), Optional.empty());
        }

        @Override
        public Optional<Head.Spec> withoutPooler() {
            return pooling.filter(unused -> projection.isEmpty())
                    .map(unused -> new Spec(Optional.empty(), Optional.empty()));
        }

        public Spec withProjection(Projection map) {
            return new Spec(pooling, Optional.of(map));
        }

        @Override
        public PooledHead build(Optional<Embedding> tokens) {
            return new PooledHead(this);
        }
    }

    private PooledHead(Spec spec) {
        this.spec = spec;
        pooling = spec.pooling().map(kind -> child("pooling", kind.build()));
        projection = spec.projection().map(map ->
                child("projection", new Linear.Spec(map.in(), map.out(), false, Role.WEIGHT).build()));
    }

    @Override
    public Set<String> takes() {
        return Set.of();
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        if (pooling.isPresent()) {
            Tensor pooled_BC = pooling.get().forward(hidden_BTC, inputs);
            output.put(
                    spec.projection().map(Projection::output).orElse("pooler_output"),
                    projection.isPresent() ? projection.get().forward(pooled_BC) : pooled_BC);
        }
        output.put("last_hidden_state", hidden_BTC);
    }
}
