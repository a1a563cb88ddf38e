package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

final class LinearTest {
    /** y = (x0 + 2 x1 + 1, -x0 + 3, 5 x1). */
    private static Tensor apply(Tensor x) {
        return Linear.apply(
                x, Tensors.ofFloats(new float[] {1, 2, -1, 0, 0, 5}, 3, 2),
                Optional.of(Tensors.ofFloats(new float[] {1, 3, 0}, 3)));
    }

    @Test
    void mapsTheLastDimensionWhateverIsBeforeIt() {
        float[] values = {1, 1, 0, 2, -3, 4, 2, 0};
        float[] expected = {4, 2, 5, 5, 3, 10, 6, 6, 20, 3, 1, 0};
        for (long[] shape : new long[][] {{4, 2}, {1, 4, 2}, {2, 2, 2}, {2, 1, 2, 2}}) {
            Scopes.run(() -> {
                Tensor y = apply(Tensors.ofFloats(values, shape));
                assertThat(Tensors.toFloats(y)).isEqualTo(expected);
                shape[shape.length - 1] = 3;
                assertThat(y.shape()).isEqualTo(shape);
            });
        }
    }

    @Test
    void oneRowAndNoRowsKeepTheirShape() {
        Scopes.run(() -> {
            assertThat(apply(Tensors.ofFloats(new float[0], 2, 0, 2)).shape()).containsExactly(2, 0, 3);
            try (NoGrad noGrad = new NoGrad()) {
                Tensor y = apply(Tensors.ofFloats(new float[] {1, 1}, 1, 1, 2));
                assertThat(y.shape()).containsExactly(1, 1, 3);
                assertThat(Tensors.toFloats(y)).containsExactly(4, 2, 5);
            }
        });
    }

    @Test
    void takesTheMemoryOfTransposedInputsAsItLies() {
        Scopes.run(() -> {
            Tensor x = Tensors.ofFloats(new float[] {1, -3, 0, 2, 1, 4, 2, 0}, 2, 2, 2).transpose(0, 1);
            assertThat(Tensors.toFloats(apply(x))).containsExactly(-4, 2, -15, 10, 2, 20, 5, 3, 10, 3, 1, 0);
        });
    }

    @Test
    void isBfloat16UnderAutocast() {
        Scopes.run(() -> Precision.BFLOAT16.compute(() -> {
            Tensor y = apply(Tensors.ofFloats(new float[] {1, 1, 0, 2, -3, 4, 2, 0}, 2, 2, 2));
            assertThat(Tensors.type(y)).isEqualTo(ScalarType.BFloat16);
            assertThat(Tensors.toFloats(y)).containsExactly(4, 2, 5, 5, 3, 10, 6, 6, 20, 3, 1, 0);
            return y;
        }));
    }
}
