package org.jformers.nn.stack;

import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Embedding;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * What comes from another entrance, plus a vector for the language of each token. Source: XLM, arXiv:1901.07291, 3.1;
 * transformers 5.18 {@code models/xlm}. Without a mask, a row has as many tokens as ids that do not pad, and they come
 * first.
 *
 * <p>Dimensions: B batch, T tokens, C width.
 */
public final class LanguageInput extends Entrance {
    private final Spec spec;
    private final Entrance inner;
    private final Optional<Embedding> languages;

    /**
     * @param inner the other entrance
     * @param languages the table of languages, if the model tells them apart; tokens without one get nothing
     * @param paddingId the id that pads
     */
    public record Spec(
            Entrance.Spec inner, Optional<Embedding.Spec> languages, int paddingId) implements Entrance.Spec {
        @Override
        public int width() {
            return inner.width();
        }

        @Override
        public OptionalInt room() {
            return inner.room();
        }

        @Override
        public Optional<Embedding.Spec> tokenTable() {
            return inner.tokenTable();
        }

        @Override
        public LanguageInput build() {
            return new LanguageInput(this, inner.build());
        }

        @Override
        public LanguageInput build(Embedding shared) {
            return new LanguageInput(this, inner.build(shared));
        }
    }

    private LanguageInput(Spec spec, Entrance inner) {
        this.spec = spec;
        this.inner = child("inner", inner);
        languages = spec.languages().map(table -> child("languages", table.build()));
    }

    /** A model of one language takes languages too, as the reference does; there they say nothing. */
    @Override
    public Set<String> takes() {
        Set<String> names = new HashSet<>(inner.takes());
        names.add("langs");
        return names;
    }

    @Override
    public Tensor forward(StackInput input, long seen) {
        Tensor x_BTC = inner.forward(input, seen);
        if (languages.isEmpty() || input.places().languages().isEmpty()) {
            return x_BTC;
        }
        Tensor language_BT = input.places().languages().get();
        Shapes.require("langs", language_BT, x_BTC.size(0), x_BTC.size(1));
        Shapes.requireIds("langs", language_BT, spec.languages().get().entries());
        return x_BTC.add(languages.get().forward(language_BT));
    }

    @Override
    public Optional<Tensor> positions(StackInput input) {
        return inner.positions(input);
    }

    @Override
    public Optional<Tensor> real(StackInput input) {
        return input.real().or(() -> input.ids().map(ids_BT -> {
            Tensor count_B1 = ids_BT.ne(new Scalar((long) spec.paddingId())).sum(1).unsqueeze(1);
            return Tensors.range(0, ids_BT.size(1), count_B1).unsqueeze(0).lt(count_B1);
        }));
    }

    @Override
    public Optional<Embedding> tokens() {
        return inner.tokens();
    }
}
