package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DropoutTest {
    private static final int COUNT = 100_003;

    private static float[] dropped(double rate) {
        return Scopes.get(() -> Tensors.toFloats(new Dropout(rate).forward(ones(), true)));
    }

    private static Tensor ones() {
        float[] ones = new float[COUNT];
        Arrays.fill(ones, 1);
        return Tensors.ofFloats(ones, COUNT);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.25, 0.5, 0.9})
    void dropsTheShareAndKeepsTheExpectation(double rate) {
        Seeds.seed(1);
        float[] values = dropped(rate);
        double zeros = 0;
        double sum = 0;
        for (float value : values) {
            zeros += value == 0 ? 1 : 0;
            sum += value;
        }
        double step = Math.round(rate * 256) / 256.0;
        assertThat(zeros / COUNT).isCloseTo(step, within(0.006));
        assertThat(sum / COUNT).isCloseTo(1, within(0.03));
        for (float value : values) {
            assertThat(value == 0 || Math.abs(value - 1 / (1 - step)) < 1e-4).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-9, 0.9999})
    void ratesNearTheEndsStayNumbers(double rate) {
        float[] values = dropped(rate);
        for (float value : values) {
            assertThat(value).isFinite();
        }
        assertThat(values).contains(0f);
    }

    @Test
    void doesNothingOutsideTrainingOrAtRateZero() {
        Tensor ones = ones();
        assertThat(new Dropout(0.5).forward(ones, false)).isSameAs(ones);
        assertThat(new Dropout(0).forward(ones, true)).isSameAs(ones);
    }

    @Test
    void drawsAnewEachTimeAndRepeatsItselfFromASeed() {
        Seeds.seed(3);
        float[] first = dropped(0.5);
        assertThat(dropped(0.5)).isNotEqualTo(first);
        Seeds.seed(3);
        assertThat(dropped(0.5)).isEqualTo(first);
    }

    @Test
    void gradientsAreDroppedWithTheValues() {
        Scopes.run(() -> {
            Tensor x = ones().set_requires_grad(true);
            Tensor y = new Dropout(0.5).forward(x, true);
            y.sum().backward();
            assertThat(x.grad().equal(y.detach())).isTrue();
        });
    }

    @Test
    void keepsTheElementType() {
        Scopes.run(() -> assertThat(Tensors.type(new Dropout(0.5).forward(ones().to(ScalarType.BFloat16), true)))
                .isEqualTo(ScalarType.BFloat16));
    }

    @Test
    void refusesOtherRates() {
        for (double rate : new double[] {-0.1, 1, Double.NaN}) {
            assertThatThrownBy(() -> new Dropout(rate)).hasMessageContaining("allowed [0, 1)");
        }
    }
}
