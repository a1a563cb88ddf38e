package org.jformers.nn.stack;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.norm.Norm;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * What comes from another entrance, brought to the width of the layers, normed, and with padding set to zero. Source:
 * DeBERTa, transformers 5.18 {@code models/deberta_v2}.
 *
 * <p>Dimensions: B batch, T tokens, C width.
 */
public final class ClearedInput extends Entrance {
    private static final Scalar ZERO = Tensors.constant(0);

    private final Entrance inner;
    private final Optional<Linear> projection;
    private final Norm norm;
    private final Dropout dropout;

    /**
     * @param inner the other entrance
     * @param norm as wide as the layers; where the inner entrance is not, a linear map without a bias comes before it
     * @param dropout rate behind the norm, in [0, 1)
     */
    public record Spec(Entrance.Spec inner, Norm.Spec norm, double dropout) implements Entrance.Spec {
        @Override
        public int width() {
            return norm.width();
        }

        @Override
        public OptionalInt room() {
            return inner.room();
        }

        @Override
        public Optional<Embedding.Spec> tokenTable() {
            return inner.tokenTable();
        }

        @Override
        public ClearedInput build() {
            return new ClearedInput(this, inner.build());
        }

        @Override
        public ClearedInput build(Embedding shared) {
            return new ClearedInput(this, inner.build(shared));
        }
    }

    private ClearedInput(Spec spec, Entrance inner) {
        this.inner = child("inner", inner);
        int narrow = spec.inner().width();
        projection = narrow == spec.width()
                ? Optional.empty()
                : Optional.of(child("projection", new Linear.Spec(narrow, spec.width(), false, Role.WEIGHT).build()));
        norm = child("norm", spec.norm().build());
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public Set<String> takes() {
        return inner.takes();
    }

    @Override
    public Tensor forward(StackInput input, long seen) {
        Tensor x_BTC = inner.forward(input, seen);
        Tensor level_BTC = norm.forward(projection.isPresent() ? projection.get().forward(x_BTC) : x_BTC);
        Optional<Tensor> real_BT = real(input);
        real_BT.ifPresent(real -> Shapes.require("attention_mask", real, x_BTC.size(0), x_BTC.size(1)));
        Tensor clear_BTC = real_BT.isPresent()
                ? level_BTC.masked_fill(Tensors.beside(real_BT.get().logical_not(), level_BTC).unsqueeze(2), ZERO)
                : level_BTC;
        return dropout.forward(clear_BTC, training());
    }

    @Override
    public Optional<Tensor> positions(StackInput input) {
        return inner.positions(input);
    }

    @Override
    public Optional<Tensor> real(StackInput input) {
        return inner.real(input);
    }

    @Override
    public Optional<Embedding> tokens() {
        return inner.tokens();
    }
}
