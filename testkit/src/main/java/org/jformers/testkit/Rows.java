package org.jformers.testkit;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;

/** Which positions of a batch count in a comparison: a truth for each row and each position in it. */
final class Rows {
    private final long columns;
    private final long[] counts;

    private Rows(long columns, long[] counts) {
        this.columns = columns;
        this.counts = counts;
    }

    /** Those where an integer or boolean tensor [B, T] is not 0. */
    static Rows where(Tensor mask_BT) {
        return new Rows(mask_BT.size(1), Tensors.toLongs(mask_BT));
    }

    /** Those whose id is not {@code id}. */
    static Rows without(Tensor ids_BT, long id) {
        return new Rows(
                ids_BT.size(1), Arrays.stream(Tensors.toLongs(ids_BT)).map(i -> i == id ? 0 : 1).toArray());
    }

    /**
     * Whether an element counts.
     *
     * @param index its place
     * @param dimension the dimension of its tensor that runs over positions; dimension 0 runs over the batch
     */
    boolean count(long[] index, int dimension) {
        return index.length <= dimension || counts[(int) (index[0] * columns + index[dimension])] != 0;
    }

    /** Whether a place counts in a tensor whose first dimension runs over the positions of all rows, [B * T, ...]. */
    boolean countFlat(long place) {
        return counts[(int) place] != 0;
    }
}
