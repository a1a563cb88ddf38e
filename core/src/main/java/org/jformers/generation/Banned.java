package org.jformers.generation;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.tensor.Tensors;

/** Ruling tokens out. */
final class Banned {
    static final double IMPOSSIBLE = Double.NEGATIVE_INFINITY;

    private Banned() {}

    /** Sets the scores of tokens, [..., V], to negative infinity in place; those outside the vocabulary never come. */
    static Tensor ruleOut(Tensor scores, long[] tokens) {
        long vocabulary = scores.size(-1);
        long[] known = LongStream.of(tokens).filter(id -> id >= 0 && id < vocabulary).toArray();
        return known.length == 0
                ? scores
                : scores.index_fill_(-1, Tensors.ofLongs(known, known.length), new Scalar(IMPOSSIBLE));
    }

    /** Rules tokens out where {@code drop_BV} is true, but never the best ones. */
    static Tensor ruleOut(Tensor scores_BV, Tensor drop_BV, int atLeast) {
        long spared = Math.min(atLeast, scores_BV.size(1));
        Tensor worst_B1 = scores_BV.topk(spared, 1, true, true).get0().narrow(1, spared - 1, 1);
        return scores_BV.masked_fill_(drop_BV.logical_and(scores_BV.lt(worst_B1)), new Scalar(IMPOSSIBLE));
    }

    /** Whether all but the last of some tokens are the end of a sequence. */
    static boolean justBeforeLast(long[] ids, long[] tokens) {
        int before = tokens.length - 1;
        return before <= ids.length && Arrays.equals(ids, ids.length - before, ids.length, tokens, 0, before);
    }

    static void requireKnown(String key, long[] tokens, long vocabulary) {
        for (long token : tokens) {
            if (token < 0 || token >= vocabulary) {
                throw new ConfigException(
                        "generation: got " + key + " " + token + ", allowed 0 to " + (vocabulary - 1));
            }
        }
    }

    static long[] longs(List<Integer> ids) {
        return ids.stream().mapToLong(Integer::longValue).toArray();
    }
}
