package org.jformers.nn.stack;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Tensors;

/** Who sees whom in a segment and the memory before it. T tokens, M tokens of the memory, S = M + T keys. */
public sealed interface SegmentSight {

    /** Whether query t may see key s by place alone, bool [T, S]; empty if everything is seen. */
    Optional<Tensor> byPlace(long before, long length);

    /**
     * Who sees whom, bool [1 or B, 1, T, S]; empty if everything is seen.
     *
     * @param before M
     * @param length T
     * @param real_BT bool, false for padding, which nobody sees
     * @param hidden_BTT true where a token must not see another one
     */
    default Optional<Tensor> allow(
            long before, long length, Optional<Tensor> real_BT, Optional<Tensor> hidden_BTT) {
        Optional<Tensor> place = byPlace(before, length).map(allow_TS -> allow_TS.unsqueeze(0).unsqueeze(0));
        Optional<Tensor> real = real_BT.map(tokens -> withMemory(before, tokens.unsqueeze(1)).unsqueeze(1));
        Optional<Tensor> shown = hidden_BTT.map(hidden -> withMemory(before, hidden.logical_not()).unsqueeze(1));
        Optional<Tensor> either = both(both(place, real), shown);
        return either.map(
                allow -> allow.size(2) == length ? allow : allow.expand(allow.size(0), 1, length, allow.size(3)));
    }

    private static Optional<Tensor> both(Optional<Tensor> a, Optional<Tensor> b) {
        return a.isPresent() && b.isPresent() ? Optional.of(a.get().logical_and(b.get())) : a.or(() -> b);
    }

    /** All of the memory is seen. */
    private static Tensor withMemory(long before, Tensor allow_BXT) {
        if (before == 0) {
            return allow_BXT;
        }
        Tensor seen = allow_BXT.narrow(2, 0, 1).logical_or(allow_BXT.narrow(2, 0, 1).logical_not());
        return Tensors.cat(2, seen.expand(allow_BXT.size(0), allow_BXT.size(1), before), allow_BXT);
    }

    /** Both sides (XLNet). */
    record Both() implements SegmentSight {
        @Override
        public Optional<Tensor> byPlace(long before, long length) {
            return Optional.empty();
        }
    }

    /**
     * The past and itself.
     *
     * @param reach how far into the past
     */
    record Past(Reach reach) implements SegmentSight {
        @Override
        public Optional<Tensor> byPlace(long before, long length) {
            Tensor distance_TS = Tensors.range(before, before + length).unsqueeze(1)
                    .sub(Tensors.range(0, before + length).unsqueeze(0));
            Tensor past_TS = distance_TS.ge(new Scalar(0L));
            long farthest = reach.farthest(before, length);
            return Optional.of(farthest >= before + length
                    ? past_TS
                    : past_TS.logical_and(distance_TS.le(new Scalar(farthest))));
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
                return before - 1 + (beyond > 0 ? length - beyond : length);
            }
        }
    }
}
