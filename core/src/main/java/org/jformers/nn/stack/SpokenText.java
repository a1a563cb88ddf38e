package org.jformers.nn.stack;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.norm.Norm;
import org.jformers.nn.position.ScaledPositions;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * The entrance for a text that will be spoken: token vectors plus scaled positions, dropout, norm, dropout. Source:
 * SpeechT5, arXiv:2110.07205, 2.1.
 *
 * <p>Dimensions: B batch, T tokens, C width.
 */
public final class SpokenText extends Entrance {
    private final Spec spec;
    private final Embedding tokens;
    private final ScaledPositions positions;
    private final Norm norm;
    private final Dropout positionDropout;
    private final Dropout dropout;

    /**
     * @param tokens the token table
     * @param positions most tokens of a text
     * @param norm behind the positions
     * @param positionDropout rate before the norm, in [0, 1)
     * @param dropout rate behind the norm, in [0, 1)
     */
    public record Spec(Embedding.Spec tokens, int positions, Norm.Spec norm, double positionDropout, double dropout)
            implements Entrance.Spec {
        @Override
        public int width() {
            return tokens.width();
        }

        @Override
        public OptionalInt room() {
            return OptionalInt.of(positions);
        }

        @Override
        public Optional<Embedding.Spec> tokenTable() {
            return Optional.of(tokens);
        }

        @Override
        public SpokenText build() {
            return new SpokenText(this, Optional.empty());
        }

        @Override
        public SpokenText build(Embedding shared) {
            return new SpokenText(this, Optional.of(shared));
        }
    }

    private SpokenText(Spec spec, Optional<Embedding> shared) {
        this.spec = spec;
        tokens = shared.orElseGet(() -> child("tokens", spec.tokens().build()));
        positions = child("positions", new ScaledPositions.Spec(spec.positions(), spec.width()).build());
        norm = child("norm", spec.norm().build());
        positionDropout = new Dropout(spec.positionDropout());
        dropout = new Dropout(spec.dropout());
    }

    @Override
    public Set<String> takes() {
        return Set.of("input_ids", "inputs_embeds");
    }

    @Override
    public Tensor forward(StackInput input, long seen) {
        Tensor x_BTC = input.embeds().map(given -> Tensors.beside(given, tokens.table())).orElseGet(() -> {
            Shapes.requireIds("input_ids", input.ids().get(), spec.tokens().entries());
            return tokens.forward(input.ids().get());
        });
        positions.requireRoom(seen + input.length(), 0);
        Tensor placed_BTC = x_BTC.add(positions.forward(Tensors.range(seen, seen + input.length(), x_BTC)));
        Tensor level_BTC = norm.forward(positionDropout.forward(placed_BTC, training()));
        return dropout.forward(level_BTC, training());
    }

    @Override
    public Optional<Embedding> tokens() {
        return Optional.of(tokens);
    }
}
