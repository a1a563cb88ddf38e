package org.jformers.nn.attention;

import java.util.Optional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Dropout;
import org.jformers.nn.mask.Visibility.Allowed;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * Scaled dot-product attention softmax(cap(scale q k^T) + bias) v, and the one place that decides how it is computed.
 * Source: arXiv:1706.03762, 3.2.1.
 *
 * <p>The engine's fused kernel falls to a scalar loop in bfloat16 (backward, and forward below 64 queries) and cannot
 * return weights, so that those cases are written out; docs/performance.md has the measurements.
 *
 * <p>Dimensions: B batch, N query heads, G key/value heads, T queries, S keys, D head width.
 */
final class AttentionKernel {
    private final double scale;
    private final Scalar scaleScalar;
    private final Scalar zero = Tensors.constant(0);
    private final Optional<Scalar> softCap;
    private final Dropout dropout;

    AttentionKernel(AttentionWeights weights) {
        scale = weights.scale();
        scaleScalar = Tensors.constant(scale);
        softCap = weights.softCap().map(Tensors::constant);
        dropout = new Dropout(weights.dropout());
    }

    /** Attends; a query that may see nothing gets zeros. Query head n reads key/value head n * G / N. */
    AttentionOutput attend(
            Tensor q_BNTD, Tensor k_BGSD, Tensor v_BGSD, Allowed allowed, boolean training, boolean wantWeights) {
        AttentionOutput all = ofAllHeads(q_BNTD, k_BGSD, v_BGSD, allowed, training, wantWeights);
        if (allowed.heads().isEmpty()) {
            return all;
        }
        long heads = q_BNTD.size(1);
        Shapes.require("head_mask of a layer", allowed.heads().get(), heads);
        Tensor factor_N11 = allowed.heads().get().view(heads, 1, 1).to(Tensors.type(all.context()));
        return new AttentionOutput(all.context().mul(factor_N11), all.weights().map(factor_N11::mul));
    }

    private AttentionOutput ofAllHeads(
            Tensor q_BNTD, Tensor k_BGSD, Tensor v_BGSD, Allowed allowed, boolean training, boolean wantWeights) {
        boolean explicit = wantWeights || training || softCap.isPresent() || fusedIsSlow(q_BNTD)
                || allowed.averages() && Tensors.type(q_BNTD) == ScalarType.Half;
        // The fused kernel's backward pass is wrong for rows in which everything is hidden. Inside, it adds in float32,
        // where the lowest number of float16 does not make all scores of such a row the same.
        if (explicit || GradMode.is_enabled() && allowed.bias().isPresent() && !allowed.isCausal()) {
            return explicit(q_BNTD, k_BGSD, v_BGSD, allowed, training, wantWeights);
        }
        TensorOptional bias = allowed.isCausal() || allowed.bias().isEmpty()
                ? new TensorOptional()
                : new TensorOptional(allowed.bias().get());
        Tensor context_BNTD = torch.scaled_dot_product_attention(
                q_BNTD, k_BGSD, v_BGSD, bias, 0, allowed.isCausal(), new DoubleOptional(scale),
                k_BGSD.size(1) < q_BNTD.size(1));
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
            Tensor q_BNTD, Tensor k_BGSD, Tensor v_BGSD, Allowed allowed, boolean training, boolean wantWeights) {
        Tensor score_BNTS = perGroup(q_BNTD.mul(scaleScalar), k_BGSD.transpose(2, 3));
        if (softCap.isPresent()) {
            score_BNTS = score_BNTS.div(softCap.get()).tanh().mul(softCap.get());
        }
        if (allowed.bias().isPresent()) {
            // In place: the backward pass of what came before does not need its value.
            score_BNTS = score_BNTS.add_(allowed.bias().get());
        }
        Tensor weight_BNTS = score_BNTS.softmax(-1);
        if (allowed.allow().isPresent()) {
            weight_BNTS = weight_BNTS.masked_fill(allowed.allow().get().logical_not(), zero);
        }
        Tensor context_BNTD = perGroup(dropout.forward(weight_BNTS, training), v_BGSD);
        return new AttentionOutput(context_BNTD, wantWeights ? Optional.of(weight_BNTS) : Optional.empty());
    }

    /** The product of [B, N, T, X] with [B, G, X, Y], each of the G serving N / G in a row, without a copy of it. */
    private static Tensor perGroup(Tensor a_BNTX, Tensor b_BGXY) {
        long heads = a_BNTX.size(1);
        long groups = b_BGXY.size(1);
        if (heads == groups) {
            return a_BNTX.matmul(b_BGXY);
        }
        long batch = a_BNTX.size(0);
        long rows = heads / groups * a_BNTX.size(2);
        Tensor a_BGRX = a_BNTX.reshape(batch, groups, rows, a_BNTX.size(3));
        return a_BGRX.matmul(b_BGXY).view(batch, heads, a_BNTX.size(2), b_BGXY.size(3));
    }
}
