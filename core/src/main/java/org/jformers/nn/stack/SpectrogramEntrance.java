package org.jformers.nn.stack;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.SpanMask;
import org.jformers.nn.conv.Conv1d;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.position.PositionTable;
import org.jformers.nn.position.SinusoidalPositions;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * The entrance for log-mel spectrograms: two convolutions, the second of which halves the frames, then positions.
 * Source: arXiv:2212.04356, 2.2. Spectrograms have one length, that of the position table; padding is silence and not
 * masked.
 *
 * <p>Dimensions: B batch, M mel bands, F frames, T vectors (F / 2), C width.
 */
public final class SpectrogramEntrance extends Entrance {
    private static final int HALVED = 2;
    private static final Scalar ZERO = Tensors.constant(0);

    private final Spec spec;
    private final Conv1d first;
    private final Conv1d second;
    private final PositionTable positions;
    private final Dropout dropout;

    /**
     * @param bands M
     * @param width C
     * @param length T
     * @param hiddenFrames frames that training sets to zero
     * @param hiddenBands mel bands that training sets to zero
     * @param dropout rate behind the positions, in [0, 1)
     */
    public record Spec(
            int bands, int width, int length, SpanMask hiddenFrames, SpanMask hiddenBands, double dropout)
            implements Entrance.Spec {
        @Override
        public OptionalInt room() {
            return OptionalInt.of(length);
        }

        @Override
        public SpectrogramEntrance build() {
            return new SpectrogramEntrance(this);
        }

        /** It reads no tokens. */
        @Override
        public SpectrogramEntrance build(Embedding shared) {
            return build();
        }
    }

    private SpectrogramEntrance(Spec spec) {
        this.spec = spec;
        first = child("first", Conv1d.Spec.of(spec.bands(), spec.width(), 3).withPadding(1).build());
        second = child(
                "second", Conv1d.Spec.of(spec.width(), spec.width(), 3).withPadding(1).withStride(HALVED).build());
        positions = child("positions", new LearnedPositions.Spec(spec.length(), spec.width())
                .startingAs(SinusoidalPositions.Layout.HALVES_BOTH_ENDS).build());
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public Set<String> takes() {
        return Set.of("input_features");
    }

    /** Features [B, M, 2 T] to [B, T, C]. */
    @Override
    public Tensor forward(StackInput input, long seen) {
        Tensor x_BMF = first.typed(input.requireFeatures("input_features"));
        Shapes.require("input_features", x_BMF, -1, spec.bands(), (long) HALVED * spec.length());
        if (training()) {
            x_BMF = hidden(x_BMF);
        }
        Tensor x_BCF = Activation.GELU.apply(first.forward(x_BMF));
        Tensor x_BTC = Activation.GELU.apply(second.forward(x_BCF)).transpose(1, 2);
        Tensor position_TC = positions.forward(Tensors.range(0, spec.length(), x_BTC));
        return dropout.forward(x_BTC.add(position_TC), training());
    }

    private Tensor hidden(Tensor x_BMF) {
        Tensor x = x_BMF;
        if (spec.hiddenFrames().hides()) {
            Tensor mask_BF = spec.hiddenFrames().draw(x.size(0), x.size(2), Optional.empty());
            x = x.masked_fill(Tensors.beside(mask_BF, x).unsqueeze(1), ZERO);
        }
        if (spec.hiddenBands().hides()) {
            Tensor mask_BM = spec.hiddenBands().draw(x.size(0), x.size(1), Optional.empty());
            x = x.masked_fill(Tensors.beside(mask_BM, x).unsqueeze(2), ZERO);
        }
        return x;
    }

    @Override
    public Optional<Tensor> real(StackInput input) {
        return Optional.empty();
    }
}
