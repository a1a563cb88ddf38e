package org.jformers.nn.position;

import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.position.SinusoidalPositions.Layout;
import org.jformers.tensor.Tensors;

/** Sines and cosines side by side times one trained factor. Source: arXiv:1809.08895, 3.2. */
public final class ScaledPositions extends PositionTable {
    private final Spec spec;
    private final SinusoidalPositions sinusoids;
    private final Tensor factor;

    /**
     * @param positions number of positions
     * @param width C, even
     */
    public record Spec(int positions, int width) implements PositionTable.Spec {
        @Override
        public ScaledPositions build() {
            return new ScaledPositions(this);
        }
    }

    private ScaledPositions(Spec spec) {
        this.spec = spec;
        sinusoids = child(
                "sinusoids", new SinusoidalPositions.Spec(spec.positions(), spec.width(), Layout.INTERLEAVED).build());
        factor = parameter("factor", Role.SCALE);
    }

    @Override
    public Tensor forward(Tensor positions) {
        return sinusoids.forward(positions).to(Tensors.type(factor)).mul(factor);
    }

    @Override
    public Spec spec() {
        return spec;
    }
}
