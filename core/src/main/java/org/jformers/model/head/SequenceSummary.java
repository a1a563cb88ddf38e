package org.jformers.model.head;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;

/** One vector for a sequence: that of a token or their mean, then a linear map and an activation. [B, T, C] to [B, C']. */
public final class SequenceSummary extends Module {
    private final Spec spec;
    private final Optional<Linear> dense;
    private final Dropout firstDropout;
    private final Dropout lastDropout;

    /** Which vector stands for a sequence, under the names that configs use ({@code summary_type}). */
    public enum Type {
        LAST,
        FIRST,
        MEAN,
        /** The token that an input points at; without that input the last one. */
        CLS_INDEX;

        /**
         * The type that configs call {@code name}.
         *
         * @throws ConfigException if there is none
         */
        public static Type named(String name) {
            return Arrays.stream(values())
                    .filter(type -> type.name().toLowerCase(Locale.ROOT).equals(name))
                    .findFirst()
                    .orElseThrow(() -> new ConfigException(
                            "summary_type: got " + name + ", allowed last, first, mean, cls_index"));
        }
    }

    /**
     * @param type which vector
     * @param width C
     * @param projection C', width of the linear map behind it; empty for none
     * @param activation behind that map
     * @param firstDropout rate before the map, in [0, 1)
     * @param lastDropout rate behind the activation, in [0, 1)
     */
    public record Spec(
            Type type,
            int width,
            Optional<Integer> projection,
            Activation activation,
            double firstDropout,
            double lastDropout) {

        /** The first token through a map of its own width. */
        public static Spec first(int width, Activation activation) {
            return new Spec(Type.FIRST, width, Optional.of(width), activation, 0, 0);
        }

        /** BERT's pooler: the first token, a map, tanh. Source: arXiv:1810.04805. */
        public static Spec pooler(int width) {
            return first(width, Activation.TANH);
        }

        public Spec withDropout(double first, double last) {
            return new Spec(type, width, projection, activation, first, last);
        }

        /** C', or C without a map. */
        public int outWidth() {
            return projection.orElse(width);
        }

        public SequenceSummary build() {
            return new SequenceSummary(this);
        }
    }

    private SequenceSummary(Spec spec) {
        this.spec = spec;
        dense = spec.projection().map(out -> child("dense", new Linear.Spec(spec.width(), out).build()));
        firstDropout = new Dropout(spec.firstDropout());
        lastDropout = new Dropout(spec.lastDropout());
    }

    /** [B, T, C] to [B, C']. */
    public Tensor forward(Tensor hidden_BTC) {
        return forward(hidden_BTC, Optional.empty());
    }

    /**
     * [B, T, C] to [B, C'].
     *
     * @param index_B which token counts, int64 [B] or [B / n, n]; the last one if empty. Only {@link Type#CLS_INDEX} asks.
     */
    public Tensor forward(Tensor hidden_BTC, Optional<Tensor> index_B) {
        Tensor x_BC = firstDropout.forward(chosen(hidden_BTC, index_B), training());
        if (dense.isPresent()) {
            x_BC = dense.get().forward(x_BC);
        }
        return lastDropout.forward(spec.activation().apply(x_BC), training());
    }

    private Tensor chosen(Tensor hidden_BTC, Optional<Tensor> index_B) {
        long last = hidden_BTC.size(1) - 1;
        return switch (spec.type()) {
            case FIRST -> hidden_BTC.select(1, 0);
            case LAST -> hidden_BTC.select(1, last);
            case MEAN -> hidden_BTC.mean(1);
            case CLS_INDEX -> index_B.isPresent()
                    ? Rows.at(hidden_BTC, index_B.get().flatten())
                    : hidden_BTC.select(1, last);
        };
    }
}
