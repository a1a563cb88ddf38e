package org.jformers.nn.attention;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.mask.Visibility.Allowed;

/**
 * Multi-head attention of a sequence to another one, its memory: the output of an encoder. Source: arXiv:1706.03762,
 * 3.2.3. {@code kv.weight} holds the rows of k, then v.
 *
 * <p>Dimensions: B batch, T queries, S tokens of the memory, C width, M width of the memory, N heads, D head width, E =
 * N * D.
 */
public final class CrossAttention extends Module {
    private final Spec spec;
    private final Linear q;
    private final Projection kv;
    private final Linear out;
    private final AttentionKernel kernel;

    /**
     * @param width C
     * @param memoryWidth M
     * @param heads N
     * @param headDim D
     * @param scale factor on q k^T, usually 1 / sqrt(D)
     * @param inputBias which of the maps to q, k and v add a constant
     * @param outputBias whether the map behind the heads adds a constant
     * @param dropout rate on the attention weights, in [0, 1)
     */
    public record Spec(
            int width,
            int memoryWidth,
            int heads,
            int headDim,
            double scale,
            InputBias inputBias,
            boolean outputBias,
            double dropout) {
        /** As in the original Transformer: both of one width, biases everywhere, scale 1 / sqrt(D). */
        public static Spec of(int width, int heads, int headDim) {
            return new Spec(width, width, heads, headDim, 1 / Math.sqrt(headDim), InputBias.ALL, true, 0);
        }

        public Spec withMemoryWidth(int other) {
            return new Spec(width, other, heads, headDim, scale, inputBias, outputBias, dropout);
        }

        public Spec withScale(double factor) {
            return new Spec(width, memoryWidth, heads, headDim, factor, inputBias, outputBias, dropout);
        }

        public Spec withBias(InputBias input, boolean output) {
            return new Spec(width, memoryWidth, heads, headDim, scale, input, output, dropout);
        }

        public Spec withDropout(double rate) {
            return new Spec(width, memoryWidth, heads, headDim, scale, inputBias, outputBias, rate);
        }

        public CrossAttention build() {
            return new CrossAttention(this);
        }
    }

    private CrossAttention(Spec spec) {
        this.spec = spec;
        int inner = spec.heads() * spec.headDim();
        q = child("q",
                new Linear.Spec(spec.width(), inner, spec.inputBias() != InputBias.NONE, Role.QUERY_WEIGHT).build());
        kv = child("kv", Projection.ofKeyValue(spec.memoryWidth(), inner, spec.inputBias()));
        out = child("out", Projection.output(inner, spec.width(), spec.outputBias()));
        kernel = new AttentionKernel(spec.scale(), Optional.empty(), spec.dropout());
    }

    /**
     * Attends.
     *
     * @param x_BTC the queries' tokens
     * @param memory_BSM the memory
     * @param allowed which tokens of the memory are real
     * @param cache where keys and values of the memory are kept after the first call
     * @param wantWeights whether to return the weights
     */
    public AttentionOutput forward(
            Tensor x_BTC,
            Tensor memory_BSM,
            Allowed allowed,
            Optional<KeyValueCache.Layer> cache,
            boolean wantWeights) {
        Tensor q_BNTD = Heads.one(q.forward(x_BTC), spec.headDim());
        Tensor k_BNSD;
        Tensor v_BNSD;
        if (cache.isPresent() && !cache.get().memory().isEmpty()) {
            k_BNSD = cache.get().memory().keys();
            v_BNSD = cache.get().memory().values();
        } else {
            TensorVector parts = Heads.splitKeyValue(kv.forward(memory_BSM), spec.heads());
            k_BNSD = parts.get(0);
            v_BNSD = parts.get(1);
            if (cache.isPresent()) {
                cache.get().memory().append(k_BNSD, v_BNSD);
            }
        }
        AttentionOutput attended = kernel.attend(q_BNTD, k_BNSD, v_BNSD, allowed, training(), wantWeights);
        return new AttentionOutput(out.forward(Heads.join(attended.context())), attended.weights());
    }

    public Spec spec() {
        return spec;
    }
}
