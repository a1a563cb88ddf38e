package org.jformers.nn.stack;

import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.SlidingWindowMask;

/** Who sees whom in a segment and the memory before it: a mask that may depend on how long both are. */
public sealed interface SegmentSight {

    /**
     * The mask of a segment; places are counted from the first of the memory.
     *
     * @param before tokens of the memory
     * @param length tokens of the segment
     */
    Mask mask(long before, long length);

    /** Both sides (XLNet). */
    record Both() implements SegmentSight {
        @Override
        public Mask mask(long before, long length) {
            return new FullMask();
        }
    }

    /**
     * The past and itself.
     *
     * @param reach how far into the past
     */
    record Past(Reach reach) implements SegmentSight {
        @Override
        public Mask mask(long before, long length) {
            long farthest = reach.farthest(before, length);
            return farthest >= before + length
                    ? new CausalMask()
                    : new CausalMask().and(new SlidingWindowMask(Math.toIntExact(farthest + 1)));
        }
    }

    /** How far into the past a token sees ("same_length": equally many tokens for all). */
    sealed interface Reach {
        /** The farthest distance that is seen. */
        long farthest(long before, long length);

        /** All there is. */
        record All() implements Reach {
            @Override
            public long farthest(long before, long length) {
                return Long.MAX_VALUE;
            }
        }

        /** As far as the memory is long (XLNet). */
        record Memory() implements Reach {
            @Override
            public long farthest(long before, long length) {
                return before;
            }
        }

        /**
         * A number of tokens with itself among them (Transformer-XL).
         *
         * @param tokens length of the memory in training
         */
        record Tokens(int tokens) implements Reach {
            @Override
            public long farthest(long before, long length) {
                long beyond = before + length - tokens;
                return Math.max(0, before - 1 + (beyond > 0 ? length - beyond : length));
            }
        }
    }
}
