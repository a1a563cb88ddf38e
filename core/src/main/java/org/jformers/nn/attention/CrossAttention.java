package org.jformers.nn.attention;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.mask.Allowed;

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
     * @param bias which maps add a constant
     * @param weights what makes weights of queries and keys
     */
    public record Spec(
            int width, int memoryWidth, int heads, int headDim, AttentionBias bias, AttentionWeights weights) {
        /** As in the original Transformer: both of one width, biases everywhere, scale 1 / sqrt(D). */
        public static Spec of(int width, int heads, int headDim) {
            return new Spec(width, width, heads, headDim, AttentionBias.ALL, AttentionWeights.of(headDim));
        }

        public Spec withBias(AttentionBias maps) {
            return new Spec(width, memoryWidth, heads, headDim, maps, weights);
        }

        public Spec withWeights(AttentionWeights made) {
            return new Spec(width, memoryWidth, heads, headDim, bias, made);
        }

        public Spec withDropout(double rate) {
            return withWeights(weights.withDropout(rate));
        }

        public CrossAttention build() {
            return new CrossAttention(this);
        }
    }

    private CrossAttention(Spec spec) {
        this.spec = spec;
        int inner = spec.heads() * spec.headDim();
        q = child("q",
                new Linear.Spec(spec.width(), inner, spec.bias().input() != InputBias.NONE, Role.QUERY_WEIGHT).build());
        kv = child("kv", Projection.ofKeyValue(spec.memoryWidth(), inner, spec.bias().input()));
        out = child("out", Projection.output(inner, spec.width(), spec.bias().output()));
        kernel = new AttentionKernel(spec.weights());
    }

    /**
     * Attends.
     *
     * @param x_BTC the queries' tokens
     * @param memory_BSM the memory
     * @param allowed which tokens of the memory are real
     * @param wantWeights whether to return the weights
     */
    public AttentionOutput forward(Tensor x_BTC, Tensor memory_BSM, Allowed allowed, boolean wantWeights) {
        TensorVector parts = Heads.splitKeyValue(kv.forward(memory_BSM), spec.heads());
        return attended(kernel.attend(
                queries(x_BTC), parts.get(0), parts.get(1), allowed, training(), wantWeights));
    }

    /** The same to the memories that the rows of a cache remember. */
    public AttentionOutput forward(Tensor x_BTC, LayerCache cache, boolean wantWeights) {
        return attended(cache.attendMemory(kernel, queries(x_BTC), training(), wantWeights));
    }

    /** Keeps keys and values of a memory, [1, S, M], for the tokens of a row. */
    public void remember(CachedRow row, Tensor memory_1SM) {
        TensorVector parts = Heads.splitKeyValue(kv.forward(memory_1SM), spec.heads());
        row.remember(parts.get(0), parts.get(1));
    }

    private Tensor queries(Tensor x_BTC) {
        return Heads.one(q.forward(x_BTC), spec.headDim());
    }

    private AttentionOutput attended(AttentionOutput attended) {
        return new AttentionOutput(out.forward(Heads.join(attended.context())), attended.weights());
    }

    public Spec spec() {
        return spec;
    }
}
