package org.jformers.nn;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;

/**
 * Sets values to zero at random while training and scales the rest, so that the expectation stays (Srivastava et al.
 * 2014).
 *
 * <p>The engine's own dropout draws one number per value on one core. Here one random byte decides a value, which is
 * four times faster; the rate is therefore rounded to 1/256, and the scale is that of the rounded rate.
 */
public final class Dropout {
    private final double rate;
    private final Scalar threshold;
    private final Scalar scale;

    /** @param rate share of values set to zero, in [0, 1) */
    public Dropout(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout: got " + rate + ", allowed [0, 1)");
        }
        this.rate = rate == 0 ? 0 : Math.min(255, Math.max(1, Math.round(rate * 256)));
        threshold = Tensors.constant((long) this.rate);
        scale = Tensors.constant(256 / (256 - this.rate));
    }

    /** Same shape in and out; the input itself when not training or at rate 0. */
    public Tensor forward(Tensor x, boolean training) {
        if (!training || rate == 0) {
            return x;
        }
        return Scopes.scoped(() -> x.mul(keepScale(x)));
    }

    /** A tensor of zeros (dropped) and scales (kept). */
    private Tensor keepScale(Tensor x) {
        long count = x.numel();
        Tensor random = Tensors.empty(Device.of(x), ScalarType.Long, (count + 7) / 8);
        random.random_(Long.MIN_VALUE, new LongOptional(), Seeds.generator(random));
        Tensor bytes = random.view(ScalarType.Byte).narrow(0, 0, count).view(x.shape());
        // Compared as numbers of that type, which hold all bytes: a sixth of the time of bytes, bools and a conversion.
        return bytes.to(Tensors.type(x)).ge_(threshold).mul_(scale);
    }
}
