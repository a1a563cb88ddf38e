package org.jformers.nn.norm;

import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Module;

/**
 * Brings the vectors of the residual stream to a common scale. Kinds: {@link LayerNorm}, {@link RmsNorm},
 * {@link NoNorm}.
 */
public abstract sealed class Norm extends Module permits LayerNorm, RmsNorm, NoNorm {

    /** [..., C] to [..., C], in float32 where the input is. */
    public abstract Tensor forward(Tensor x);

    /** What kind of norm, over which width. */
    public sealed interface Spec permits LayerNorm.Spec, RmsNorm.Spec, NoNorm.Spec {
        int width();

        Norm build();
    }
}
