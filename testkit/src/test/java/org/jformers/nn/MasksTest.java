package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.mask.BlockEndMask;
import org.jformers.nn.mask.BlockMask;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.CausalWithPaddingMask;
import org.jformers.nn.mask.DocumentMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.MutualMask;
import org.jformers.nn.mask.PermutationMask;
import org.jformers.nn.mask.PermutationMask.Stream;
import org.jformers.nn.mask.Piece;
import org.jformers.nn.mask.PrefixMask;
import org.jformers.nn.mask.Sight;
import org.jformers.nn.mask.SlidingWindowMask;
import org.jformers.nn.mask.Span;
import org.jformers.nn.mask.StridedMask;
import org.jformers.nn.mask.TwoSidedWindowMask;
import org.jformers.nn.mask.Visibility;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.contract.MaskContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class MasksTest {
    private static final int POSITIONS = 7;
    private static final Mask LAST_FIVE = new CausalMask().and(new SlidingWindowMask(5));

    @Nested
    final class Full extends MaskContract {
        Full() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new FullMask();
        }

        @Override
        protected boolean sees(int query, int key) {
            return true;
        }
    }

    @Nested
    final class Mutual extends MaskContract {
        Mutual() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new MutualMask();
        }

        @Override
        protected boolean sees(int query, int key) {
            return true;
        }
    }

    @Test
    void paddingIsSeenAsTokensAreUnderAMaskThatSaysSo() {
        Scopes.run(() -> {
            Tensor none_BS = Tensors.ofLongs(new long[2][POSITIONS]).to(ScalarType.Bool);
            var padded = Visibility.of(0, POSITIONS, POSITIONS, BatchMasks.ofReal(Optional.of(none_BS)));
            assertThat(padded.prepare(new CausalWithPaddingMask(), ScalarType.Float).sight())
                    .isInstanceOf(Sight.Causal.class);
        });
    }

    @Nested
    final class Causal extends MaskContract {
        Causal() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new CausalMask();
        }

        @Override
        protected boolean sees(int query, int key) {
            return key <= query;
        }
    }

    @Nested
    final class Prefix extends MaskContract {
        Prefix() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new PrefixMask(3);
        }

        @Override
        protected boolean sees(int query, int key) {
            return key <= query || key < 3;
        }
    }

    @Nested
    final class CausalWindow extends MaskContract {
        CausalWindow() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new CausalMask().and(new SlidingWindowMask(3));
        }

        @Override
        protected boolean sees(int query, int key) {
            return key <= query && key > query - 3;
        }
    }

    @Nested
    final class Strided extends MaskContract {
        Strided() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new StridedMask(3);
        }

        @Override
        protected boolean sees(int query, int key) {
            return Math.abs(query - key) % 3 == 0;
        }
    }

    @Nested
    final class Blocks extends MaskContract {
        Blocks() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new BlockMask(3);
        }

        @Override
        protected boolean sees(int query, int key) {
            return query / 3 == key / 3;
        }
    }

    @Nested
    final class BlockEnds extends MaskContract {
        BlockEnds() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new BlockEndMask(3, 2);
        }

        @Override
        protected boolean sees(int query, int key) {
            return key % 3 > 0;
        }
    }

    /** A_i of arXiv:1904.10509, 4.2: the last three positions and every third one. */
    @Nested
    final class StridedPattern extends MaskContract {
        StridedPattern() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new CausalMask().and(new SlidingWindowMask(4).or(new StridedMask(3)));
        }

        @Override
        protected boolean sees(int query, int key) {
            return key <= query && (query - key <= 3 || (query - key) % 3 == 0);
        }
    }

    /** The same section: the own block, and the last position of each one before. */
    @Nested
    final class FixedPattern extends MaskContract {
        FixedPattern() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new CausalMask().and(new BlockMask(3).or(new BlockEndMask(3, 1)));
        }

        @Override
        protected boolean sees(int query, int key) {
            return key <= query && (key / 3 == query / 3 || key % 3 == 2);
        }
    }

    @Nested
    final class Window extends MaskContract {
        Window() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new SlidingWindowMask(2);
        }

        @Override
        protected boolean sees(int query, int key) {
            return key > query - 2;
        }
    }

    @Nested
    final class TwoSidedWindow extends MaskContract {
        TwoSidedWindow() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new TwoSidedWindowMask(2);
        }

        @Override
        protected boolean sees(int query, int key) {
            return Math.abs(query - key) <= 2;
        }
    }

    @Nested
    final class Documents extends MaskContract {
        private static final int[] DOCUMENT = {0, 0, 1, 1, 1, 2, 2};

        Documents() {
            super(POSITIONS);
        }

        @Override
        protected Mask mask() {
            return new DocumentMask(List.of(2, 3));
        }

        @Override
        protected boolean sees(int query, int key) {
            return DOCUMENT[query] == DOCUMENT[key];
        }
    }

    @Nested
    final class Content extends MaskContract {
        private static final List<Integer> ORDER = List.of(3, 0, 4, 1, 2);

        Content() {
            super(ORDER.size());
        }

        @Override
        protected Mask mask() {
            return new PermutationMask(ORDER, Stream.CONTENT);
        }

        @Override
        protected boolean sees(int query, int key) {
            return ORDER.indexOf(key) <= ORDER.indexOf(query);
        }
    }

    @Nested
    final class Query extends MaskContract {
        private static final List<Integer> ORDER = List.of(3, 0, 4, 1, 2);

        Query() {
            super(ORDER.size());
        }

        @Override
        protected Mask mask() {
            return new PermutationMask(ORDER, Stream.QUERY);
        }

        @Override
        protected boolean sees(int query, int key) {
            return ORDER.indexOf(key) < ORDER.indexOf(query);
        }
    }

    @Test
    void lookAheadAndPaddingMakeTheDecodersMask() {
        // The published example: ids 7 6 0 0 1 with padding id 0, and a look-ahead of three.
        Tensor real_BS = Tensors.ofLongs(new long[][] {{7, 6, 0, 0, 1}}).ne(new Scalar(0L));
        Scopes.run(() -> {
            assertThat(hidden(new FullMask(), 5, Optional.of(real_BS))[0]).containsExactly(0, 0, 1, 1, 0);
            assertThat(hidden(new CausalMask(), 3, Optional.empty()))
                    .isEqualTo(new long[][] {{0, 1, 1}, {0, 0, 1}, {0, 0, 0}});
            assertThat(hidden(new CausalMask(), 5, Optional.of(real_BS))).isEqualTo(new long[][] {
                {0, 1, 1, 1, 1}, {0, 0, 1, 1, 1}, {0, 0, 1, 1, 1}, {0, 0, 1, 1, 1}, {0, 0, 1, 1, 0}
            });
        });
    }

    /** 1 where attention is forbidden; the one row of a mask that is the same for all queries. */
    private static long[][] hidden(Mask mask, int length, Optional<Tensor> real_BS) {
        Allowed allowed =
                Visibility.of(0, length, length, BatchMasks.ofReal(real_BS)).prepare(mask, ScalarType.Float);
        Tensor bias = allowed.sight().bias().orElseThrow().of(Span.ALL, new Span(0, length), new Span(0, length));
        long[] flat = Tensors.toLongs(bias.lt(new Scalar(-1e30)));
        int columns = length;
        long[][] rows = new long[flat.length / columns][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = java.util.Arrays.copyOfRange(flat, row * columns, (row + 1) * columns);
        }
        return rows;
    }

    @Test
    void nothingIsWorkedOutWhereEverythingIsSeen() {
        assertThat(sight(new FullMask(), 0, 4, 4)).isInstanceOf(Sight.Everything.class);
        assertThat(sight(new CausalMask(), 0, 4, 4)).isInstanceOf(Sight.Causal.class);
        assertThat(sight(new CausalMask(), 4, 1, 5)).isInstanceOf(Sight.Everything.class);
        assertThat(sight(LAST_FIVE, 4, 1, 5)).isInstanceOf(Sight.Everything.class);
    }

    @Test
    void aWindowIsCausalWhereTheTextIsNoLonger() {
        assertThat(sight(LAST_FIVE, 0, 5, 5)).isInstanceOf(Sight.Causal.class);
        assertThat(sight(LAST_FIVE, 0, 6, 6)).isInstanceOf(Sight.Window.class);
        assertThat(sight(new TwoSidedWindowMask(4), 0, 5, 5)).isInstanceOf(Sight.Everything.class);
        assertThat(sight(new TwoSidedWindowMask(4), 0, 6, 6)).isInstanceOf(Sight.Window.class);
    }

    @Test
    void aTokenBehindALongTextReadsTheKeysOfItsWindowAlone() {
        List<Piece> pieces = sight(LAST_FIVE, 999, 1, 1000).pieces(1, 1000);
        assertThat(pieces).extracting(Piece::keys).containsExactly(new Span(995, 5));
        assertThat(pieces).extracting(Piece::cover).containsExactly(Piece.Cover.ALL);
    }

    private static Sight sight(Mask mask, long first, long queries, long keys) {
        return Visibility.of(first, queries, keys, BatchMasks.NONE).prepare(mask, ScalarType.Float).sight();
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> new SlidingWindowMask(0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new StridedMask(0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new BlockMask(0)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new BlockEndMask(3, 4)).hasMessageContaining("got 4");
        assertThatThrownBy(() -> new PrefixMask(-1)).hasMessageContaining("got -1");
        assertThatThrownBy(() -> new DocumentMask(List.of(2, 0))).hasMessageContaining("[2, 0]");
        assertThatThrownBy(() -> new PermutationMask(List.of(0, 2), Stream.QUERY)).hasMessageContaining("[0, 2]");
    }
}
