package org.jformers.nn;

import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * Random spans of an axis that training hides (SpecAugment). Source: arXiv:1904.08779; wav2vec 2.0: arXiv:2006.11477.
 *
 * <p>Dimensions: B rows, T length of the axis.
 *
 * @param rate share of the axis under spans, were they never to overlap, in [0, 1]; 0 for none
 * @param length of a span, at least 1
 * @param atLeast fewest spans
 */
public record SpanMask(double rate, int length, int atLeast) {
    /** Hides nothing. */
    public static final SpanMask NONE = new SpanMask(0, 1, 0);

    public SpanMask {
        if (!(rate >= 0 && rate <= 1) || length < 1 || atLeast < 0) {
            throw new IllegalArgumentException("span mask: got rate " + rate + ", length " + length + ", at least "
                    + atLeast + " spans, allowed [0, 1], >= 1 and >= 0");
        }
    }

    /** Whether it hides anything. */
    public boolean hides() {
        return rate > 0;
    }

    /**
     * Draws spans from the generator of {@link Seeds}.
     *
     * @param rows B
     * @param size T, at least a span
     * @param real_BT bool on the host, true where a row is no padding, which is on the right; all is real if empty
     * @return bool [B, T] on the host, true where hidden
     */
    public Tensor draw(long rows, long size, Optional<Tensor> real_BT) {
        if (length > size) {
            throw new ShapeException("span mask: got " + size + " frames, allowed at least one span of " + length);
        }
        return Scopes.scoped(() -> {
            long[] sizes = new long[Math.toIntExact(rows)];
            Arrays.fill(sizes, size);
            long[] real = real_BT.map(mask -> Tensors.toLongs(mask.sum(1))).orElse(sizes);
            long[] hidden = new long[Math.toIntExact(rows * size)];
            double rounding = Seeds.uniform();
            for (int row = 0; row < rows; row++) {
                long spans = spans(real[row], size, rounding);
                long starts = Math.max(0, real[row] - length + 1);
                long[] chosen = starts == 0 ? new long[0] : Seeds.permutation(starts);
                for (int span = 0; span < spans; span++) {
                    int from = Math.toIntExact(row * size + chosen[span]);
                    Arrays.fill(hidden, from, from + length, 1);
                }
            }
            return Tensors.ofLongs(hidden, rows, size).to(ScalarType.Bool);
        });
    }

    /** The number of spans in a row; the fraction is rounded at random, alike in all rows. */
    private long spans(long real, long size, double rounding) {
        long wanted = Math.max((long) (rate * real / length + rounding), atLeast);
        return Math.min(Math.min(wanted, size / length), Math.max(0, real - length + 1));
    }
}
