package org.jformers.generation;

import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
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

    static long[] longs(List<Integer> ids) {
        return ids.stream().mapToLong(Integer::longValue).toArray();
    }
}
