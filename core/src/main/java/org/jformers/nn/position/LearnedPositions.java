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
     */
    public record Spec(int positions, int width) implements PositionTable.Spec {
        public Spec {
            PositionTable.requirePositions(positions);
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
        return torch.embedding(weight, positions);
    }

    @Override
    public Spec spec() {
        return spec;
    }
}
