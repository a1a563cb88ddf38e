package org.jformers.nn.stack;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.mask.Allowed;
import org.jformers.tensor.ShapeException;

/**
 * How much each attention head counts: factors on its weights, 1 to keep it and 0 to silence it. Their gradients say
 * how much a head matters. Source: arXiv:1905.10650, 2.2 and 4.1.
 *
 * <p>Dimensions: L layers, N heads.
 *
 * @param self factors for self-attention, [L, N], or [N] for all layers alike; all 1 if empty
 * @param cross the same for the attention to a memory
 */
public record HeadMask(Optional<Tensor> self, Optional<Tensor> cross) {
    /** Every head counts. */
    public static final HeadMask ALL = new HeadMask(Optional.empty(), Optional.empty());

    /** Puts a layer's factors to what its self-attention may see. */
    Allowed self(Allowed allowed, int layer, int layers) {
        return self.map(mask -> allowed.withHeads(row("head_mask", mask, layer, layers))).orElse(allowed);
    }

    /** Puts a layer's factors to what its attention to the memory may see. */
    Allowed cross(Allowed allowed, int layer, int layers) {
        return cross.map(mask -> allowed.withHeads(row("cross_attn_head_mask", mask, layer, layers))).orElse(allowed);
    }

    private static Tensor row(String name, Tensor mask, int layer, int layers) {
        if (mask.dim() == 1) {
            return mask;
        }
        if (mask.dim() != 2 || mask.size(0) != layers) {
            throw new ShapeException(name + ": got " + Arrays.toString(mask.shape()) + ", allowed [" + layers
                    + " layers, heads] or [heads]");
        }
        return mask.select(0, layer);
    }
}
