package org.jformers.nn.mask;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Tensors;

/**
 * What the queries of one forward pass may see: the masks of the layers, joined with the padding of the batch. Each
 * distinct mask is worked out once and shared by all layers. Its tensors belong to the scope in which {@link #prepare}
 * was called, so a stack prepares before it enters its layers.
 *
 * <p>Dimensions: B batch, T queries, S keys.
 */
public final class Visibility {
    private final long firstQuery;
    private final long queries;
    private final long keys;
    private final Tensor realKey_B11S;
    private final Tensor position_PT;
    private final Tensor text_PT;
    private final Map<Mask, Allowed> prepared = new HashMap<>();

    /**
     * What one mask allows.
     *
     * @param isCausal true if this is exactly the lower triangle of a square and nothing else
     * @param bias 0 where allowed and the lowest number where not, [1 or B, 1 or N, T, S]; empty if all is allowed
     * @param allow true where allowed, [1 or B, 1, T, S]; only if some query sees nothing, so that its row must become
     *     zero
     * @param averages true if some query sees nothing and its row becomes the mean
     * @param heads factor on the weights of each head, [N], if some heads count less than others
     */
    public record Allowed(
            boolean isCausal,
            Optional<Tensor> bias,
            Optional<Tensor> allow,
            boolean averages,
            Optional<Tensor> heads) {
        /** With all heads. */
        public Allowed(boolean isCausal, Optional<Tensor> bias, Optional<Tensor> allow, boolean averages) {
            this(isCausal, bias, allow, averages, Optional.empty());
        }

        /** Where no query sees nothing, or its row becomes zero. */
        public Allowed(boolean isCausal, Optional<Tensor> bias, Optional<Tensor> allow) {
            this(isCausal, bias, allow, false);
        }

        /** The same with a further bias on the scores, [1 or B, N, T, S], as relative positions give it. */
        public Allowed plus(Tensor more_BNTS) {
            return new Allowed(
                    false, Optional.of(bias.map(more_BNTS::add).orElse(more_BNTS)), allow, averages, heads);
        }

        /** The same with the bias changed. */
        public Allowed with(UnaryOperator<Tensor> change) {
            return new Allowed(isCausal, bias.map(change), allow, averages, heads);
        }

        /** The same with a factor on the weights of each head, [N]. */
        public Allowed withHeads(Tensor factor_N) {
            return new Allowed(isCausal, bias, allow, averages, Optional.of(factor_N));
        }
    }

    /**
     * @param firstQuery position of the first query among the keys: the number of keys that were there before
     * @param queries T
     * @param keys S
     * @param realKey_BS bool, true where a key is a token and not padding; empty if all are
     */
    public Visibility(long firstQuery, long queries, long keys, Optional<Tensor> realKey_BS) {
        this.firstQuery = firstQuery;
        this.queries = queries;
        this.keys = keys;
        this.realKey_B11S =
                realKey_BS.map(real -> real.unsqueeze(1).unsqueeze(1)).orElse(null);
        position_PT = null;
        text_PT = null;
    }

    /**
     * Of rows that hold several texts each, which do not see each other; there is no padding.
     *
     * @param position_PT int64, the position of each token in its text
     * @param text_PT int64, the text of each token
     */
    public Visibility(Tensor position_PT, Tensor text_PT) {
        firstQuery = 0;
        queries = position_PT.size(1);
        keys = queries;
        realKey_B11S = null;
        this.position_PT = position_PT;
        this.text_PT = text_PT;
    }

    /** Works a mask out for matrix products of the given type. */
    public Allowed prepare(Mask mask, ScalarType type) {
        return prepared.computeIfAbsent(mask, m -> work(m, type));
    }

    private Allowed work(Mask mask, ScalarType type) {
        if (text_PT != null) {
            Tensor sameText_P1TS = text_PT.unsqueeze(1).unsqueeze(3).eq(text_PT.unsqueeze(1).unsqueeze(2));
            Tensor byMask_P1TS =
                    mask.allow(position_PT.unsqueeze(1).unsqueeze(3), position_PT.unsqueeze(1).unsqueeze(2));
            return allowed(mask, sameText_P1TS.logical_and(byMask_P1TS), false, type);
        }
        Tensor real_B11S = mask.padding() == Mask.Padding.SEEN ? null : realKey_B11S;
        boolean open = mask.allowsAll(firstQuery, queries, keys);
        if (open && real_B11S == null) {
            return new Allowed(false, Optional.empty(), Optional.empty());
        }
        Tensor allow = real_B11S;
        if (real_B11S != null && mask.padding() == Mask.Padding.BLIND) {
            allow = allow.logical_and(real_B11S.narrow(3, firstQuery, queries).transpose(2, 3));
        }
        if (!open) {
            Tensor query_T1 = Tensors.range(firstQuery, firstQuery + queries).unsqueeze(1);
            Tensor key_1S = Tensors.range(0, keys).unsqueeze(0);
            Tensor byMask_11TS = mask.allow(query_T1, key_1S).unsqueeze(0).unsqueeze(0);
            allow = allow == null ? byMask_11TS : byMask_11TS.logical_and(allow);
        }
        boolean isCausal = real_B11S == null && mask instanceof CausalMask && firstQuery == 0 && queries == keys;
        return allowed(mask, allow, isCausal, type);
    }

    private static Allowed allowed(Mask mask, Tensor allow, boolean isCausal, ScalarType type) {
        // Finite, so that a row without any allowed key stays a number, in the backward pass too; it is zeroed below.
        double lowest = type == ScalarType.Half ? -6e4 : type == ScalarType.BFloat16 ? -3.3e38 : -3.4028234663852886e38;
        Tensor bias = torch.zeros_like(allow).to(type).masked_fill_(allow.logical_not(), new Scalar(lowest));
        boolean blindRows = !isCausal && !allow.any(-1).all().item_bool();
        boolean zeros = mask.padding() == Mask.Padding.ZEROS;
        return new Allowed(isCausal, Optional.of(bias), blindRows && zeros ? Optional.of(allow) : Optional.empty(),
                blindRows && !zeros);
    }
}
