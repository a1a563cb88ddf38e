package org.jformers.nn.mask;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/** Who sees whom in one row, as the attention kernel is told: for figures and for people. */
public final class MaskPattern {
    private MaskPattern() {}

    /**
     * The pattern of a mask.
     *
     * @param real true for tokens and false for padding, for each place of the row; at least one place, at most 4,096
     * @return for each query, whether it sees each key
     * @throws IllegalArgumentException if the mask says nothing of so many places
     */
    public static boolean[][] of(Mask mask, boolean[] real) {
        int places = real.length;
        requirePlaces(mask, places);
        return Scopes.get(() -> {
            Allowed allowed = Visibility.of(0, places, places, BatchMasks.ofReal(padding(real)))
                    .prepare(mask, ScalarType.Float);
            Span all = new Span(0, places);
            Tensor seen_1TS = allowed.sight().bias().flatMap(bias -> bias.whole(all, all))
                    .orElseGet(() -> Tensors.ofFloats(new float[1], 1, 1, 1, 1))
                    .ge(new Scalar(0f)).select(0, 0).expand(new long[] {1, places, places}, false);
            Tensor told_TS = allowed.blind()
                    .map(blind_1T1 -> seen_1TS.logical_and(blind_1T1.select(0, 0).logical_not())).orElse(seen_1TS);
            long[] cells = Tensors.toLongs(told_TS);
            boolean[][] pattern = new boolean[places][places];
            for (int i = 0; i < cells.length; i++) {
                pattern[i / places][i % places] = cells[i] != 0;
            }
            return pattern;
        });
    }

    private static Optional<Tensor> padding(boolean[] real) {
        long[] row = new long[real.length];
        boolean padded = false;
        for (int i = 0; i < row.length; i++) {
            row[i] = real[i] ? 1 : 0;
            padded |= !real[i];
        }
        return padded ? Optional.of(Tensors.ofLongs(row, 1, row.length).to(ScalarType.Bool)) : Optional.empty();
    }

    /** An order says nothing of places that it does not have. */
    private static void requirePlaces(Mask mask, int places) {
        if (mask instanceof BothMask both) {
            requirePlaces(both.first(), places);
            requirePlaces(both.second(), places);
        } else if (mask instanceof EitherMask either) {
            requirePlaces(either.first(), places);
            requirePlaces(either.second(), places);
        } else if (mask instanceof PermutationMask permutation && permutation.order().size() < places) {
            throw new IllegalArgumentException("order: got " + permutation.order().size() + " places, allowed "
                    + places + " at least, as many as the row has");
        }
    }
}
