package org.jformers.nn.stack;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Module;
import org.jformers.nn.norm.Norm;
import org.jformers.nn.position.PositionTable;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * The entrance of a stack: token vectors, scaled, plus position and segment vectors, then norm and dropout.
 *
 * <p>Dimensions: B batch, T tokens, C width.
 */
public final class InputEmbedding extends Module {
    private final Spec spec;
    private final Embedding tokens;
    private final Optional<PositionTable> positions;
    private final Optional<Embedding> segments;
    private final Optional<Norm> norm;
    private final Dropout dropout;
    private final Scalar scale;

    /**
     * @param tokens the token table
     * @param scale factor on the token vectors; 1, or sqrt(C) in the original Transformer
     * @param positions the position table, if order enters here
     * @param segments the table of segments (token types), if there is one
     * @param norm behind the sum, if there is one
     * @param dropout rate behind the norm, in [0, 1)
     */
    public record Spec(
            Embedding.Spec tokens,
            double scale,
            Optional<PositionTable.Spec> positions,
            Optional<Embedding.Spec> segments,
            Optional<Norm.Spec> norm,
            double dropout) {
        /** Builds with a token table of its own. */
        public InputEmbedding build() {
            return new InputEmbedding(this, Optional.empty());
        }

        /** Builds on a token table that another module owns. */
        public InputEmbedding build(Embedding shared) {
            return new InputEmbedding(this, Optional.of(shared));
        }
    }

    private InputEmbedding(Spec spec, Optional<Embedding> shared) {
        this.spec = spec;
        tokens = shared.orElseGet(() -> child("tokens", spec.tokens().build()));
        positions = spec.positions().map(table -> child("positions", table.build()));
        segments = spec.segments().map(table -> child("segments", table.build()));
        norm = spec.norm().map(kind -> child("norm", kind.build()));
        dropout = new Dropout(spec.dropout());
        scale = Tensors.constant(spec.scale());
    }

    /**
     * Embeds tokens.
     *
     * @param input ids or vectors of the tokens, with positions and segments if the caller sets them
     * @param firstPosition position of the first token, where the caller sets none
     * @return [B, T, C]
     */
    public Tensor forward(StackInput input, long firstPosition) {
        Tensor x_BTC = input.embeds().orElseGet(() -> {
            Shapes.requireIds("input_ids", input.ids().get(), spec.tokens().entries());
            return tokens.forward(input.ids().get());
        });
        if (spec.scale() != 1) {
            x_BTC = x_BTC.mul(scale);
        }
        if (segments.isPresent()) {
            Tensor segment = input.segments().orElseGet(() -> zeros(input));
            Shapes.requireIds("token_type_ids", segment, spec.segments().get().entries());
            x_BTC = x_BTC.add(segments.get().forward(segment));
        }
        if (positions.isPresent()) {
            x_BTC = x_BTC.add(positionVectors(input, firstPosition));
        }
        if (norm.isPresent()) {
            x_BTC = norm.get().forward(x_BTC);
        }
        return dropout.forward(x_BTC, training());
    }

    /** The token table. */
    public Embedding tokens() {
        return tokens;
    }

    /** The position table, if order enters here. */
    public Optional<PositionTable> positions() {
        return positions;
    }

    public Spec spec() {
        return spec;
    }

    private Tensor positionVectors(StackInput input, long firstPosition) {
        PositionTable table = positions.get();
        if (input.positions().isPresent()) {
            Shapes.requireIds("position_ids", input.positions().get(), table.spec().positions());
            return table.forward(input.positions().get());
        }
        table.requireRoom(firstPosition + input.length());
        return table.forward(Tensors.range(firstPosition, firstPosition + input.length()));
    }

    private static Tensor zeros(StackInput input) {
        long count = input.batch() * input.length();
        return Tensors.ofLongs(new long[Math.toIntExact(count)], input.batch(), input.length());
    }
}
