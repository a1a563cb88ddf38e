package org.jformers.nn;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Leaves a residual branch out for some rows of the batch while training, and scales it for the others. Source:
 * arXiv:1603.09382.
 */
public final class DropPath {
    private final double rate;
    private final Scalar keep;

    /** @param rate share of rows without the branch, in [0, 1) */
    public DropPath(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("drop path: got " + rate + ", allowed [0, 1)");
        }
        this.rate = rate;
        keep = Tensors.constant(1 - rate);
    }

    /** [B, ...] to the same shape; the input itself when not training or at rate 0. */
    public Tensor forward(Tensor x, boolean training) {
        if (!training || rate == 0) {
            return x;
        }
        return Scopes.scoped(() -> {
            long[] perRow = new long[x.shape().length];
            Arrays.fill(perRow, 1);
            perRow[0] = x.size(0);
            Tensor drawn = Tensors.empty(Device.of(x), ScalarType.Float, perRow);
            Tensors.fillUniform(drawn, 0, 1);
            return x.mul(drawn.lt(keep).to(Tensors.type(x)).div(keep));
        });
    }
}
