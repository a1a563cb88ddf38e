package org.jformers.model.head;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelInputs;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.norm.Norm;
import org.jformers.tensor.Tensors;

/**
 * One vector for a sequence: a token or the mean of all, then a linear map, an activation and a norm, as far as the
 * family has them. BERT, RoBERTa, XLNet, XLM, DeBERTa and ModernBERT differ in nothing but these.
 *
 * <p>Dimensions: B batch, T tokens, C width, D width of the result.
 */
public final class SequenceSummary extends Module {
    private final Spec spec;
    private final Optional<Linear> dense;
    private final Optional<Norm> norm;
    private final Dropout firstDropout;
    private final Dropout lastDropout;

    /** Which vector stands for the sequence; configs name those that several families share. */
    public enum Pick {
        FIRST,
        LAST,
        /** The mean of all positions, padding among them. */
        MEAN,
        /** The token at a given index, the last one where none is given. */
        CLS_INDEX,
        /** The first token that is not padding. */
        FIRST_REAL,
        /** The mean of the tokens that are not padding. */
        MEAN_REAL;

        /**
         * What the config key {@code summary_type} calls {@code name}.
         *
         * @throws ConfigException naming those there are
         */
        public static Pick named(String name) {
            return Arrays.stream(values())
                    .filter(pick -> pick.compareTo(CLS_INDEX) <= 0)
                    .filter(pick -> pick.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst()
                    .orElseThrow(() -> new ConfigException(
                            "summary_type: got " + name + ", allowed first, last, mean, cls_index"));
        }
    }

    /**
     * The linear map.
     *
     * @param out D
     * @param bias whether it adds a constant
     */
    public record Dense(int out, boolean bias) {}

    /**
     * @param width C
     * @param pick which vector stands for the sequence
     * @param firstDropout rate before the map, in [0, 1)
     * @param dense the map, if there is one
     * @param activation behind it
     * @param norm behind the activation, if there is one
     * @param lastDropout rate at the end, in [0, 1)
     */
    public record Spec(
            int width,
            Pick pick,
            double firstDropout,
            Optional<Dense> dense,
            Activation activation,
            Optional<Norm.Spec> norm,
            double lastDropout) {
        /** The vector as it is. */
        public static Spec of(int width, Pick pick) {
            return new Spec(width, pick, 0, Optional.empty(), Activation.LINEAR, Optional.empty(), 0);
        }

        /** The first token through a map of its own width. */
        public static Spec first(int width, Activation activation) {
            return of(width, Pick.FIRST).withDense(Optional.of(new Dense(width, true)), activation);
        }

        /** RoBERTa's: the same between two dropouts. */
        public static Spec first(int width, Activation activation, double dropout) {
            return first(width, activation).withDropout(dropout, dropout);
        }

        /** BERT's pooler: the first token, a map, tanh. Source: arXiv:1810.04805. */
        public static Spec pooler(int width) {
            return first(width, Activation.TANH);
        }

        public Spec withDense(Optional<Dense> map, Activation behind) {
            return new Spec(width, pick, firstDropout, map, behind, norm, lastDropout);
        }

        public Spec withNorm(Norm.Spec kind) {
            return new Spec(width, pick, firstDropout, dense, activation, Optional.of(kind), lastDropout);
        }

        public Spec withDropout(double first, double last) {
            return new Spec(width, pick, first, dense, activation, norm, last);
        }

        /** D. */
        public int out() {
            return dense.map(Dense::out).orElse(width);
        }

        SequenceSummary build() {
            return new SequenceSummary(this);
        }
    }

    private SequenceSummary(Spec spec) {
        this.spec = spec;
        dense = spec.dense().map(map ->
                child("dense", new Linear.Spec(spec.width(), map.out(), map.bias(), Role.WEIGHT).build()));
        norm = spec.norm().map(kind -> child("norm", kind.build()));
        firstDropout = new Dropout(spec.firstDropout());
        lastDropout = new Dropout(spec.lastDropout());
    }

    /**
     * [B, T, C] to [B, D].
     *
     * @param inputs what the model was given: where the padding is
     * @param index int64 [B], which token counts; for {@link Pick#CLS_INDEX}
     */
    Tensor forward(Tensor hidden_BTC, ModelInputs inputs, Optional<Tensor> index) {
        Tensor x_BC = firstDropout.forward(pick(hidden_BTC, inputs, index), training());
        Tensor x_BD = spec.activation().apply(dense.isPresent() ? dense.get().forward(x_BC) : x_BC);
        return lastDropout.forward(norm.isPresent() ? norm.get().forward(x_BD) : x_BD, training());
    }

    /** Whether the vectors of padding count. */
    boolean readsPadding() {
        return spec.pick() == Pick.LAST || spec.pick() == Pick.MEAN || spec.pick() == Pick.CLS_INDEX;
    }

    private Tensor pick(Tensor hidden_BTC, ModelInputs inputs, Optional<Tensor> index) {
        long length = hidden_BTC.size(1);
        Optional<Tensor> real_BT = inputs.find("attention_mask")
                .map(mask -> Tensors.alike(mask.view(-1, length), hidden_BTC));
        return switch (spec.pick()) {
            case FIRST -> hidden_BTC.select(1, 0);
            case LAST -> hidden_BTC.select(1, length - 1);
            case MEAN -> hidden_BTC.mean(1);
            case CLS_INDEX -> index.isPresent()
                    ? Rows.at(hidden_BTC, index.get().flatten())
                    : hidden_BTC.select(1, length - 1);
            case FIRST_REAL -> real_BT.isPresent()
                    ? Rows.at(hidden_BTC, real_BT.get().argmax(new LongOptional(1), false))
                    : hidden_BTC.select(1, 0);
            case MEAN_REAL -> real_BT.isPresent()
                    ? hidden_BTC.mul(real_BT.get().unsqueeze(2)).sum(1).div(real_BT.get().sum(1).unsqueeze(1))
                    : hidden_BTC.mean(1);
        };
    }
}
