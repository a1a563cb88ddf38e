package org.jformers.nn.attention;

import java.util.Optional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Dropout;
import org.jformers.nn.mask.Visibility.Allowed;
import org.jformers.tensor.Tensors;

/**
 * Scaled dot-product attention softmax(scale q k^T + bias) v, and the one place that decides how it is computed. Source:
 * arXiv:1706.03762, 3.2.1.
 *
 * <p>The engine's fused kernel falls to a scalar loop in bfloat16 (backward, and forward below 64 queries) and cannot
 * return weights, so that those cases are written out; docs/performance.md has the measurements.
 *
 * <p>Dimensions: B batch, N heads, T queries, S keys, D head width.
 */
final class AttentionKernel {
    private final double scale;
    private final Scalar scaleScalar;
    private final Scalar zero = Tensors.constant(0);
    private final Dropout dropout;

    /**
     * @param scale factor on q k^T
     * @param dropout rate on the weights, in [0, 1)
     */
    AttentionKernel(double scale, double dropout) {
        this.scale = scale;
        scaleScalar = Tensors.constant(scale);
        this.dropout = new Dropout(dropout);
    }

    /** Attends; a query that may see nothing gets zeros. */
    AttentionOutput attend(
            Tensor q_BNTD, Tensor k_BNSD, Tensor v_BNSD, Allowed allowed, boolean training, boolean wantWeights) {
        if (wantWeights || training || fusedIsSlow(q_BNTD)) {
            return explicit(q_BNTD, k_BNSD, v_BNSD, allowed, training, wantWeights);
        }
        TensorOptional bias = allowed.isCausal() || allowed.bias().isEmpty()
                ? new TensorOptional()
                : new TensorOptional(allowed.bias().get());
        Tensor context_BNTD = torch.scaled_dot_product_attention(
                q_BNTD, k_BNSD, v_BNSD, bias, 0, allowed.isCausal(), new DoubleOptional(scale), false);
        if (allowed.allow().isPresent()) {
            Tensor blind_B1T1 = allowed.allow().get().any(-1, true).logical_not();
            context_BNTD = context_BNTD.masked_fill(blind_B1T1, zero);
        }
        return new AttentionOutput(context_BNTD, Optional.empty());
    }

    private static boolean fusedIsSlow(Tensor q_BNTD) {
        return Tensors.type(q_BNTD) == ScalarType.BFloat16 && q_BNTD.size(2) < 64;
    }

    private AttentionOutput explicit(
            Tensor q_BNTD, Tensor k_BNSD, Tensor v_BNSD, Allowed allowed, boolean training, boolean wantWeights) {
        Tensor score_BNTS = q_BNTD.mul(scaleScalar).matmul(k_BNSD.transpose(2, 3));
        if (allowed.bias().isPresent()) {
            // In place: the product's own backward pass does not need its value.
            score_BNTS = score_BNTS.add_(allowed.bias().get());
        }
        Tensor weight_BNTS = score_BNTS.softmax(-1);
        if (allowed.allow().isPresent()) {
            weight_BNTS = weight_BNTS.masked_fill(allowed.allow().get().logical_not(), zero);
        }
        Tensor context_BNTD = dropout.forward(weight_BNTS, training).matmul(v_BNSD);
        return new AttentionOutput(context_BNTD, wantWeights ? Optional.of(weight_BNTS) : Optional.empty());
    }
}
