package org.jformers.nn.stack;

import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.position.PatchPositions;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * The entrance of a decoder of hidden patches: the vectors of the patches that were seen, mask tokens for the others,
 * all back in their places, plus position vectors. Source: arXiv:2111.06377, 3.
 *
 * <p>Dimensions: B batch, K patches seen, P patches, C width.
 */
public final class PatchRestoration extends Entrance {
    private final Spec spec;
    private final Linear in;
    private final Tensor maskToken_C;
    private final Tensor positions_TC;

    /**
     * @param inputWidth width of the vectors of the patches that were seen
     * @param width C
     * @param rows rows of patches
     * @param columns columns of patches
     */
    public record Spec(int inputWidth, int width, int rows, int columns) implements Entrance.Spec {
        @Override
        public OptionalInt room() {
            return OptionalInt.of(1 + rows * columns);
        }

        @Override
        public PatchRestoration build() {
            return new PatchRestoration(this);
        }

        @Override
        public PatchRestoration build(Embedding shared) {
            throw new IllegalArgumentException("patch restoration: got a token table, which images do not have");
        }
    }

    private PatchRestoration(Spec spec) {
        this.spec = spec;
        in = child("in", new Linear.Spec(spec.inputWidth(), spec.width()).build());
        maskToken_C = parameter("maskToken", Role.EMBEDDING, spec.width());
        positions_TC = preset("positions", PatchPositions.sinusoidal(spec.rows(), spec.columns(), spec.width()));
    }

    @Override
    public Set<String> takes() {
        return Set.of();
    }

    /**
     * {@inheritDoc}
     *
     * @param input {@code embeds} [B, 1 + K, inputWidth] with the class token in front; {@code patches.chosen} [B, P],
     *     where each patch is among those seen and the mask tokens behind them
     */
    @Override
    public Tensor forward(StackInput input, long seen) {
        Tensor place_BP = input.patches().chosen().orElseThrow(() -> new ShapeException("patches: got no places"));
        Tensor x_BTC = in.forward(input.embeds().orElseThrow(() -> new ShapeException("patches: got no vectors")));
        long batch = x_BTC.size(0);
        long known = x_BTC.size(1) - 1;
        long count = place_BP.size(1);
        Tensor all_BPC = Tensors.cat(
                1, x_BTC.narrow(1, 1, known), maskToken_C.expand(batch, count - known, spec.width()));
        Tensor restored_BPC = PatchEmbedding.chosen(all_BPC, place_BP);
        return Tensors.cat(1, x_BTC.narrow(1, 0, 1), restored_BPC).add(positions(count, input.patches().interpolate()));
    }

    /** The reference stretches this table along the sequence of the patches, not over the image. */
    private Tensor positions(long count, boolean interpolate) {
        long patches = (long) spec.rows() * spec.columns();
        if (!interpolate) {
            Shapes.require("patches", positions_TC.narrow(0, 1, patches), count, spec.width());
            return positions_TC;
        }
        Tensor stretched_PC = PatchPositions.stretched(positions_TC.narrow(0, 1, patches), 1, patches, 1, count);
        return Tensors.cat(0, positions_TC.narrow(0, 0, 1), stretched_PC);
    }

    public Spec spec() {
        return spec;
    }
}
