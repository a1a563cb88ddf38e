package org.jformers.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

final class SeedsTest {

    @Test
    void aSeedDecidesTheNumbers() {
        Seeds.seed(7);
        float[] first = numbers();
        assertThat(numbers()).isNotEqualTo(first);
        Seeds.seed(7);
        assertThat(numbers()).isEqualTo(first);
    }

    @Test
    void aStateBringsTheNumbersBackWhereverItLies() {
        Scopes.run(() -> {
            Seeds.seed(7);
            Tensor state = Seeds.state();
            float[] expected = numbers();
            for (long offset = 0; offset < 16; offset++) {
                Tensor moved = Tensors.empty(ScalarType.Byte, state.numel() + offset).narrow(0, offset, state.numel());
                moved.copy_(state);
                Seeds.restore(moved);
                assertThat(numbers()).as("offset %s", offset).isEqualTo(expected);
            }
        });
    }

    private static float[] numbers() {
        return Scopes.get(() -> {
            Tensor tensor = Tensors.empty(ScalarType.Float, 5);
            Tensors.fillNormal(tensor, 0, 1);
            return Tensors.toFloats(tensor);
        });
    }
}
