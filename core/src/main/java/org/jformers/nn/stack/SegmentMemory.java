package org.jformers.nn.stack;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Tensors;

/**
 * What a layer remembers of the segments before.
 *
 * @param length how many of the last states are kept; empty for all
 * @param reuse how many of a segment's first states are kept at all; empty for all
 * @param start what there is before the first segment
 */
public record SegmentMemory(Optional<Integer> length, Optional<Integer> reuse, Start start) {

    /** What there is before the first segment. */
    public enum Start {
        NOTHING,
        /** Zeros of the full length, which are seen like any memory (Transformer-XL). */
        ZEROS
    }

    /** Per layer the memory before the first segment [B, T, C], [M, B, C]; empty if there is none. */
    List<Tensor> first(int layers, Tensor x_BTC) {
        if (start == Start.NOTHING || length.orElse(0) == 0) {
            return List.of();
        }
        Tensor none = Tensors.empty(
                Device.of(x_BTC), Tensors.type(x_BTC), length.get(), x_BTC.size(0), x_BTC.size(2)).zero_();
        return Collections.nCopies(layers, none);
    }

    /** The memory for the next segment [M, B, C], from the one before [B, M, C] and a segment [B, T, C]. */
    Tensor next(Optional<Tensor> memory_BMC, Tensor x_BTC) {
        try (NoGrad noGrad = new NoGrad()) {
            Tensor seen = x_BTC.detach().narrow(1, 0, Math.min(reuse.orElse(Integer.MAX_VALUE), x_BTC.size(1)));
            Tensor all = memory_BMC.isPresent() ? Tensors.cat(1, memory_BMC.get(), seen) : seen;
            long kept = Math.min(length.orElse(Integer.MAX_VALUE), all.size(1));
            return all.narrow(1, all.size(1) - kept, kept).transpose(0, 1).contiguous();
        }
    }
}
