package org.jformers.model.kind;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** The vector of a voice. */
public final class Voice {
    private static final double LEAST = 1e-12;

    private Voice() {}

    /** Brings vectors [B, E] to length 1; those of zeros stay so. */
    public static Tensor direction(Tensor voice_BE) {
        Tensor length_B1 = voice_BE.square().sum(new long[] {1}, true, new ScalarTypeOptional()).sqrt()
                .clamp_min(new Scalar(LEAST));
        return voice_BE.div(length_B1);
    }
}
