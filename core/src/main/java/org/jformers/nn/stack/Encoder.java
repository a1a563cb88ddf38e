package org.jformers.nn.stack;

import java.util.Collections;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;

/** A stack that reads, put together as the best-known ones are; every part of it may be another one. */
public final class Encoder {
    private static final double EPSILON = 1e-12;
    private static final double DROPOUT = 0.1;
    private static final int POSITIONS = 512;

    private Encoder() {}

    /**
     * The parts of BERT (arXiv:1810.04805), segments left out: 512 learned positions, a norm behind the entrance and
     * behind each part (epsilon 1e-12), attention to everything, a GELU in a feed-forward of four times the width,
     * dropout 0.1.
     *
     * @param vocabulary number of tokens
     * @param width size of a hidden vector
     * @param layers number of layers
     * @param heads of each layer; the width is a multiple of it
     * @throws IllegalArgumentException if they do not fit
     */
    public static Stack.Spec spec(int vocabulary, int width, int layers, int heads) {
        var norm = new LayerNorm.Spec(width, EPSILON);
        var attention = SelfAttention.Spec.of(width, heads, headDim(width, heads), new FullMask())
                .withDropout(DROPOUT);
        var block = Block.Spec.of(
                        norm, Block.NormOrder.POST, attention, new Mlp.Spec(width, 4 * width, Activation.GELU))
                .withDropout(DROPOUT);
        var input = InputEmbedding.Spec.of(new Embedding.Spec(vocabulary, width, -1))
                .withPositions(new LearnedPositions.Spec(POSITIONS, width))
                .withNorm(norm)
                .withDropout(DROPOUT);
        return Stack.Spec.of(input, Collections.nCopies(layers, block));
    }

    static int headDim(int width, int heads) {
        if (heads < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "heads: got " + heads + " for width " + width + ", allowed divisors of the width");
        }
        return width / heads;
    }
}
