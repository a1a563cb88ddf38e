package org.jformers.nn.conv;

import java.util.Arrays;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * Repeats the vector of each token for as many frames as it lasts. Source: FastSpeech, arXiv:1905.09263, 3.2.
 *
 * <p>Dimensions: B batch, T tokens, F frames of the longest row, C width.
 *
 * @param stretch factor on the durations, above 0: below 1 for faster speech
 */
public record LengthRegulator(double stretch) {
    /** More frames than this in one row are no speech: hours of it. */
    private static final long MOST_FRAMES = 1_000_000;

    private static final Scalar ZERO = Tensors.constant(0);

    public LengthRegulator {
        if (!(stretch > 0)) {
            throw new IllegalArgumentException("length regulator: got factor " + stretch + ", allowed above 0");
        }
    }

    /**
     * Repeats.
     *
     * @param x_BTC vectors of the tokens
     * @param duration_BT int64, frames of each token, at least 0
     * @return [B, F, C]; the ends of shorter rows are zero
     * @throws ShapeException if the durations are negative or so many that they cannot be meant
     */
    public Tensor forward(Tensor x_BTC, Tensor duration_BT) {
        Shapes.require("durations", duration_BT, x_BTC.size(0), x_BTC.size(1));
        return Scopes.scoped(() -> {
            int tokens = Math.toIntExact(x_BTC.size(1));
            long[] frames = frames(duration_BT);
            int rows = frames.length / tokens;
            long longest = 0;
            for (int row = 0; row < rows; row++) {
                longest = Math.max(longest, sum(frames, row, tokens));
            }
            long[] token_BF = new long[Math.toIntExact(rows * longest)];
            long[] silent_BF = new long[token_BF.length];
            Arrays.fill(silent_BF, 1);
            for (int row = 0; row < rows; row++) {
                int at = Math.toIntExact(row * longest);
                for (int token = 0; token < tokens; token++) {
                    for (long i = 0; i < frames[row * tokens + token]; i++) {
                        token_BF[at] = token;
                        silent_BF[at++] = 0;
                    }
                }
            }
            Tensor index_BF1 = Tensors.beside(Tensors.ofLongs(token_BF, rows, longest, 1), x_BTC);
            Tensor index_BFC = index_BF1.expand(rows, longest, x_BTC.size(2));
            Tensor silent_BF1 = Tensors.beside(Tensors.ofLongs(silent_BF, rows, longest, 1), x_BTC).to(ScalarType.Bool);
            return x_BTC.gather(1, index_BFC).masked_fill(silent_BF1, ZERO);
        });
    }

    /**
     * The durations as they are meant, waited for where they were predicted: they decide the shape. Where nothing at
     * all lasts, every token lasts one frame.
     */
    private long[] frames(Tensor duration_BT) {
        Tensor scaled_BT = stretch == 1
                ? duration_BT
                : duration_BT.to(ScalarType.Float).mul(new Scalar(stretch)).round().to(ScalarType.Long);
        long[] frames = Tensors.toLongs(scaled_BT);
        long all = 0;
        for (long one : frames) {
            if (one < 0 || one > MOST_FRAMES) {
                throw new ShapeException("durations: got " + one + " frames, allowed 0 to " + MOST_FRAMES);
            }
            all += one;
        }
        if (all > MOST_FRAMES) {
            throw new ShapeException("durations: got " + all + " frames, allowed at most " + MOST_FRAMES);
        }
        if (all == 0) {
            Arrays.fill(frames, 1);
        }
        return frames;
    }

    private static long sum(long[] frames, int row, int tokens) {
        long sum = 0;
        for (int token = 0; token < tokens; token++) {
            sum += frames[row * tokens + token];
        }
        return sum;
    }
}
