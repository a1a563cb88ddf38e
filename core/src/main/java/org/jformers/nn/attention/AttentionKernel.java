package org.jformers.nn.attention;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Dropout;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.mask.Bias;
import org.jformers.nn.mask.Piece;
import org.jformers.nn.mask.Piece.Cover;
import org.jformers.nn.mask.Sight;
import org.jformers.nn.mask.Span;
import org.jformers.tensor.Device;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * Scaled dot-product attention softmax(cap(scale q k^T) + bias) v, and the one place that decides how it is computed.
 * Source: arXiv:1706.03762, 3.2.1.
 *
 * <p>What the queries see comes in pieces (see {@link Sight}), each with no more keys than it needs. The engine's fused
 * kernel falls to a scalar loop in bfloat16 (backward, forward below 64 queries, and all without AMX) and cannot return
 * weights, so that those cases are in float32 or written out; docs/performance.md has the measurements. What is written
 * out without gradients is so for some queries at a time.
 *
 * <p>Dimensions: B batch, N query heads, G key/value heads, T queries, S keys, D head width.
 */
final class AttentionKernel {
    /** Keys up to which float32 takes the scalar loop's place: copies of more would cost more than they save. */
    private static final long WIDEST = 1024;
    /** Whether the fused kernel has products in bfloat16 for many queries; read once from the system. */
    private static final boolean TILES = Precision.bfloat16Tiles();

    private final double scale;
    private final Scalar scaleScalar;
    private final Optional<Scalar> softCap;
    private final Dropout dropout;

    AttentionKernel(AttentionWeights weights) {
        scale = weights.scale();
        scaleScalar = Tensors.constant(scale);
        softCap = weights.softCap().map(Tensors::constant);
        dropout = new Dropout(weights.dropout());
    }

    /** The queries, keys and values of a call, or of one piece of it. */
    private record Inputs(Tensor q_BNTD, Tensor k_BGSD, Tensor v_BGSD) {
        Inputs of(Piece piece) {
            return new Inputs(
                    piece.of(q_BNTD, piece.queries()), piece.of(k_BGSD, piece.keys()), piece.of(v_BGSD, piece.keys()));
        }

        Inputs to(ScalarType type) {
            return new Inputs(q_BNTD.to(type), k_BGSD.to(type), v_BGSD.to(type));
        }

        long batch() {
            return q_BNTD.size(0);
        }

        long queries() {
            return q_BNTD.size(2);
        }

        long keys() {
            return k_BGSD.size(2);
        }
    }

    /** Keys or values in the type in which a cache keeps them: that which the fused kernel reads without a copy. */
    static Tensor kept(Tensor x_BGTD) {
        return isScalar(x_BGTD) ? x_BGTD.to(ScalarType.Float) : x_BGTD;
    }

    /**
     * Attends; a query that may see nothing gets the mean of all values. Query head n reads key/value head n * G / N.
     */
    AttentionOutput attend(
            Tensor q_BNTD, Tensor k_BGSD, Tensor v_BGSD, Allowed allowed, boolean training, boolean wantWeights) {
        Inputs all = new Inputs(q_BNTD, k_BGSD, v_BGSD);
        AttentionOutput output = wantWeights
                ? written(all, bias(Span.ALL, all, allowed), training)
                : new AttentionOutput(context(all, allowed, training), Optional.empty());
        if (allowed.heads().isEmpty()) {
            return output;
        }
        long heads = q_BNTD.size(1);
        Shapes.require("head_mask of a layer", allowed.heads().get(), heads);
        Tensor factor_N11 = Tensors.alike(allowed.heads().get().view(heads, 1, 1), output.context());
        return new AttentionOutput(output.context().mul(factor_N11), output.weights().map(factor_N11::mul));
    }

    private Tensor context(Inputs all, Allowed allowed, boolean training) {
        List<Piece> pieces = new ArrayList<>();
        for (Piece piece : allowed.sight().pieces(all.queries(), all.keys())) {
            if (piece.documents() == 1) {
                pieces.addAll(piece.cut(queriesAtOnce(all, piece, allowed, training)));
            } else if (allowed.added().isPresent() || isWritten(all, piece, allowed, training)) {
                pieces.addAll(piece.apart());
            } else {
                pieces.add(piece);
            }
        }
        if (pieces.size() == 1 && pieces.get(0).documents() == 1) {
            return context(all.of(pieces.get(0)), pieces.get(0), allowed, training).to(Tensors.type(all.q_BNTD()));
        }
        Tensor context_BNTD = GradMode.is_enabled()
                ? joined(pieces, all, allowed, training)
                : filled(pieces, all, allowed, training);
        if (allowed.sight() instanceof Sight.Window window && window.blind_B1T1().isPresent()) {
            Tensor blind_B1T1 = Tensors.beside(window.blind_B1T1().get(), context_BNTD);
            return Tensors.shaped(context_BNTD, context_BNTD.shape(), () ->
                    torch.where(blind_B1T1, mean(all), context_BNTD));
        }
        return context_BNTD;
    }

    /** The mean of all values, which queries get that see none, [B, N, 1, D]. */
    private static Tensor mean(Inputs all) {
        Tensor mean_BG1D = all.v_BGSD().mean(2).unsqueeze(2);
        long groups = mean_BG1D.size(1);
        return mean_BG1D.unsqueeze(2)
                .expand(-1, -1, all.q_BNTD().size(1) / groups, -1, -1)
                .flatten(1, 2);
    }

    /** How many queries of a piece may be computed together, so that what is made for it stays small. */
    private long queriesAtOnce(Inputs all, Piece piece, Allowed allowed, boolean training) {
        if (GradMode.is_enabled()) {
            return Long.MAX_VALUE; // what the backward pass needs is kept either way
        }
        long rows = Math.min(piece.rows().length(), all.batch());
        boolean written = isWritten(all, piece, allowed, training);
        if (!written && allowed.added().isEmpty() && piece.cover() != Cover.SOME) {
            return Long.MAX_VALUE;
        }
        long matrices = written || allowed.added().isPresent() ? rows * all.q_BNTD().size(1) : rows;
        return Math.max(1, Bias.CELLS / (matrices * piece.keys().length()));
    }

    private boolean isWritten(Inputs all, Piece piece, Allowed allowed, boolean training) {
        ScalarType type = Tensors.type(all.q_BNTD());
        boolean biased = piece.cover() == Cover.SOME || allowed.added().isPresent();
        boolean wide = piece.keys().length() / piece.documents() > WIDEST;
        // The fused kernel's backward pass is wrong for rows in which everything is hidden. Inside, it adds in float32,
        // where the lowest number of float16 does not make all scores of such a row the same.
        // Of its shape on meta, the engine knows nothing.
        return training || softCap.isPresent() || all.q_BNTD().is_meta()
                || isScalar(all, piece) && (GradMode.is_enabled() || wide)
                || biased && (GradMode.is_enabled() || type == ScalarType.Half);
    }

    /** Whether the fused kernel would fall to a scalar loop. */
    private static boolean isScalar(Inputs all, Piece piece) {
        boolean few = piece.queries().length() / piece.documents() < 64;
        return isScalar(all.q_BNTD()) || few && Tensors.type(all.q_BNTD()) == ScalarType.BFloat16;
    }

    /** The same, however many queries there are. */
    private static boolean isScalar(Tensor q_BNTD) {
        return !TILES && Tensors.type(q_BNTD) == ScalarType.BFloat16 && !q_BNTD.is_cuda();
    }

    /** That of a piece; in float32 where the fused kernel is fast in nothing else. */
    private Tensor context(Inputs heads, Piece piece, Allowed allowed, boolean training) {
        if (isWritten(heads, piece, allowed, training)) {
            return written(heads, bias(piece, heads, allowed), training).context();
        }
        ScalarType type = isScalar(heads, piece) ? ScalarType.Float : Tensors.type(heads.q_BNTD());
        Inputs used = heads.to(type);
        boolean causal = piece.cover() == Cover.CAUSAL && allowed.added().isEmpty();
        Optional<Tensor> bias = causal ? Optional.empty() : together(bias(piece, heads, allowed));
        Supplier<Tensor> fused = () -> torch.scaled_dot_product_attention(
                used.q_BNTD(), used.k_BGSD(), used.v_BGSD(), bias.map(some -> new TensorOptional(some.to(type)))
                        .orElseGet(TensorOptional::new),
                0, causal, new DoubleOptional(scale), heads.k_BGSD().size(1) < heads.q_BNTD().size(1));
        // Autocast would make bfloat16 of it again.
        return isScalar(heads, piece) ? Precision.withoutAutocast(fused) : fused.get();
    }

    /** The pieces put together, [B, N, T, D]; in memory the heads of a token are side by side. */
    private Tensor joined(List<Piece> pieces, Inputs all, Allowed allowed, boolean training) {
        List<Tensor> rows_BTND = new ArrayList<>();
        List<Tensor> row_BTND = new ArrayList<>();
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            row_BTND.add(Scopes.scoped(() ->
                    context(all.of(piece), piece, allowed, training).transpose(1, 2)));
            if (i + 1 == pieces.size() || !pieces.get(i + 1).rows().equals(piece.rows())) {
                rows_BTND.add(Tensors.cat(1, row_BTND.toArray(Tensor[]::new)));
                row_BTND.clear();
            }
        }
        Tensor all_BTND =
                rows_BTND.size() == 1 ? rows_BTND.get(0) : Tensors.cat(0, rows_BTND.toArray(Tensor[]::new));
        return all_BTND.transpose(1, 2);
    }

    /** The same where no gradients are recorded, each piece put to its place at once. */
    private Tensor filled(List<Piece> pieces, Inputs all, Allowed allowed, boolean training) {
        Tensor q_BNTD = all.q_BNTD();
        Tensor all_BTND = Tensors.empty(
                Device.of(q_BNTD), Tensors.type(q_BNTD), all.batch(), all.queries(), q_BNTD.size(1),
                all.v_BGSD().size(3));
        for (Piece piece : pieces) {
            Scopes.run(() -> piece.target(all_BTND)
                    .copy_(context(all.of(piece), piece, allowed, training).transpose(1, 2)));
        }
        return all_BTND.transpose(1, 2);
    }

    /** What is added to the scores: what hides keys, and what comes besides. */
    private record Biases(Optional<Tensor> hidden, Optional<Tensor> added) {}

    private static Biases bias(Piece piece, Inputs heads, Allowed allowed) {
        Optional<Tensor> hidden = piece.cover() == Cover.ALL
                ? Optional.empty()
                : Optional.of(Tensors.beside(
                        piece.bias().of(piece.rows(), piece.queries(), piece.keys()), heads.q_BNTD()));
        return new Biases(hidden, allowed.added().map(added ->
                piece.keys().of(piece.rows().of(added.of(piece.queries()), 0), 3)));
    }

    /** Those of all queries and keys. */
    private static Biases bias(Span rows, Inputs all, Allowed allowed) {
        Span queries = new Span(0, all.queries());
        Span keys = new Span(0, all.keys());
        return new Biases(
                allowed.sight().bias().map(bias -> Tensors.beside(bias.of(rows, queries, keys), all.q_BNTD())),
                allowed.added().map(added -> added.of(queries)));
    }

    private static Optional<Tensor> together(Biases biases) {
        return biases.hidden().isPresent() && biases.added().isPresent()
                ? Optional.of(biases.added().get().add(biases.hidden().get()))
                : biases.hidden().or(biases::added);
    }

    private AttentionOutput written(Inputs heads, Biases biases, boolean training) {
        Tensor score_BNTS = perGroup(heads.q_BNTD().mul(scaleScalar), heads.k_BGSD().transpose(2, 3));
        if (softCap.isPresent()) {
            score_BNTS = score_BNTS.div(softCap.get()).tanh().mul(softCap.get());
        }
        // In place: the backward pass of what came before does not need its value.
        if (biases.added().isPresent()) {
            score_BNTS = score_BNTS.add_(biases.added().get());
        }
        if (biases.hidden().isPresent()) {
            score_BNTS = score_BNTS.add_(biases.hidden().get());
        }
        Tensor weight_BNTS = score_BNTS.softmax(-1);
        Tensor context_BNTD = perGroup(dropout.forward(weight_BNTS, training), heads.v_BGSD());
        return new AttentionOutput(context_BNTD, Optional.of(weight_BNTS));
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
