package org.jformers.nn.stack;

import java.util.Collections;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.GatedMlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.norm.RmsNorm;
import org.jformers.nn.position.Rope;

/** A stack that writes, put together as most of them are today; every part of it may be another one. */
public final class Decoder {
    private static final double EPSILON = 1e-5;
    private static final double ROPE_BASE = 10_000;

    private Decoder() {}

    /**
     * The parts of Llama (arXiv:2302.13971): a norm before each part and one at the end (RMS, epsilon 1e-5), rotary
     * positions of base 10,000, causal attention without biases, a SwiGLU of eight thirds the width, rounded up to a
     * multiple of 8. No dropout.
     *
     * @param vocabulary number of tokens
     * @param width size of a hidden vector
     * @param layers number of layers
     * @param heads of each layer; the width is a multiple of twice as many
     * @throws IllegalArgumentException if they do not fit
     */
    public static Stack.Spec spec(int vocabulary, int width, int layers, int heads) {
        int headDim = Encoder.headDim(width, heads);
        var norm = new RmsNorm.Spec(width, EPSILON);
        var attention = SelfAttention.Spec.of(width, heads, headDim, new CausalMask())
                .withBias(AttentionBias.NONE)
                .withRope(new Rope.Spec(headDim, ROPE_BASE));
        int inner = (8 * width / 3 + 7) / 8 * 8;
        var block = Block.Spec.of(
                norm, Block.NormOrder.PRE, attention, new GatedMlp.Spec(width, inner, Activation.SILU));
        return Stack.Spec.of(
                        InputEmbedding.Spec.of(new Embedding.Spec(vocabulary, width, -1)),
                        Collections.nCopies(layers, block))
                .withFinalNorm(norm);
    }
}
