package org.jformers.nn.position;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Parameter.Role;

/** One trained vector per position (BERT, GPT-2). */
public final class LearnedPositions extends PositionTable {
    private final Spec spec;
    private final Tensor weight;

    /**
     * @param positions number of positions
     * @param width C
     * @param paddingRow row of padding, which is never trained, -1 for none
     */
    public record Spec(int positions, int width, int paddingRow) implements PositionTable.Spec {
        public Spec {
            PositionTable.requirePositions(positions);
        }

        /** Without a row for padding. */
        public Spec(int positions, int width) {
            this(positions, width, -1);
        }

        @Override
        public LearnedPositions build() {
            return new LearnedPositions(this);
        }
    }

    private LearnedPositions(Spec spec) {
        this.spec = spec;
        weight = parameter("weight", Role.EMBEDDING, spec.positions(), spec.width());
    }

    @Override
    public Tensor forward(Tensor positions) {
        return torch.embedding(weight, positions, spec.paddingRow(), false, false);
    }

    @Override
    public Spec spec() {
        return spec;
    }
}
