package org.jformers.nn.position;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/** One trained vector per position (BERT, GPT-2). */
public final class LearnedPositions extends PositionTable {
    private final Spec spec;
    private final Tensor weight;

    /**
     * @param positions number of positions
     * @param width C
     * @param paddingRow row of padding, which is never trained, -1 for none
     * @param start sines and cosines that the vectors start as, if they do not start as the model's initialisation says
     */
    public record Spec(int positions, int width, int paddingRow, Optional<SinusoidalPositions.Layout> start)
            implements PositionTable.Spec {
        public Spec {
            PositionTable.requirePositions(positions);
        }

        /** Without a row for padding. */
        public Spec(int positions, int width) {
            this(positions, width, -1, Optional.empty());
        }

        public Spec withPaddingRow(int row) {
            return new Spec(positions, width, row, start);
        }

        public Spec startingAs(SinusoidalPositions.Layout sinusoids) {
            return new Spec(positions, width, paddingRow, Optional.of(sinusoids));
        }

        @Override
        public LearnedPositions build() {
            return new LearnedPositions(this);
        }
    }

    private LearnedPositions(Spec spec) {
        this.spec = spec;
        Role role = spec.start().isPresent() ? Role.PRESET : Role.EMBEDDING;
        weight = parameter("weight", role, spec.positions(), spec.width());
        spec.start().ifPresent(layout -> Scopes.run(() -> weight.detach().copy_(SinusoidalPositions.values(
                new SinusoidalPositions.Spec(spec.positions(), spec.width(), layout)))));
    }

    @Override
    public Tensor forward(Tensor positions) {
        return Tensors.rows(weight, positions, spec.paddingRow());
    }

    @Override
    public Spec spec() {
        return spec;
    }
}
