package org.jformers.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Linear;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PrecisionTest {

    private static Tensor filled(double value, long... shape) {
        return Tensors.empty(ScalarType.Float, shape).fill_(new Scalar(value));
    }

    private static void fill(Linear linear, double value) {
        try (NoGrad noGrad = new NoGrad()) {
            linear.tensors().values().forEach(tensor -> tensor.fill_(new Scalar(value)));
        }
    }

    @Test
    void aChangedWeightCountsInTheNextForwardPass() {
        Scopes.run(() -> {
            try (Linear linear = new Linear.Spec(3, 2).build()) {
                Tensor x = filled(1, 1, 3);
                for (double value : new double[] {1, 2, -0.5}) {
                    fill(linear, value);
                    Tensor y = Precision.BFLOAT16.compute(() -> linear.forward(x));
                    assertThat(Tensors.type(y)).isEqualTo(ScalarType.BFloat16);
                    assertThat(Tensors.toFloats(y)).containsOnly((float) (4 * value));
                }
            }
        });
    }

    @Test
    void gradientsArriveInFloat32() {
        Scopes.run(() -> {
            try (Linear linear = new Linear.Spec(3, 2).build()) {
                fill(linear, 1);
                Precision.BFLOAT16.compute(() -> linear.forward(filled(2, 1, 3)).sum()).backward();
                Tensor gradient = linear.tensors().get("weight").grad();
                assertThat(Tensors.type(gradient)).isEqualTo(ScalarType.Float);
                assertThat(Tensors.toFloats(gradient)).containsOnly(2);
            }
        });
    }

    @Test
    void float32ChangesNothing() {
        Scopes.run(() -> {
            try (Linear linear = new Linear.Spec(3, 2).build()) {
                fill(linear, 1);
                Tensor y = Precision.FLOAT32.compute(() -> linear.forward(filled(1, 1, 3)));
                assertThat(Tensors.type(y)).isEqualTo(ScalarType.Float);
            }
        });
    }

    @Test
    void endsWithTheForwardPassEvenIfThatFails() {
        assertThatThrownBy(() -> Precision.BFLOAT16.compute(() -> {
            assertThat(Precision.productType(ScalarType.Float)).isEqualTo(ScalarType.BFloat16);
            throw new IllegalStateException();
        })).isInstanceOf(IllegalStateException.class);
        assertThat(Precision.productType(ScalarType.Float)).isEqualTo(ScalarType.Float);
    }

    @Test
    void sumsStepOutOfIt() {
        Precision.BFLOAT16.compute(() -> {
            ScalarType inside = Precision.withoutAutocast(() -> Precision.productType(ScalarType.Float));
            assertThat(inside).isEqualTo(ScalarType.Float);
            assertThat(Precision.productType(ScalarType.Float)).isEqualTo(ScalarType.BFloat16);
            return null;
        });
    }

    @ParameterizedTest
    @CsvSource({
        "flags\t\t: fpu avx512f avx512_bf16 la57, true", "flags\t\t: fpu amx_bf16 amx_tile, true",
        "flags\t\t: fpu avx512f avx512_vnni, false", "Features\t: fp asimd bf16, false", "bugs\t\t: amx_bf16, false"
    })
    void takesBfloat16WhereTheProcessorMultipliesIt(String line, boolean expected) {
        boolean has = Stream.of("avx512_bf16", "amx_bf16").anyMatch(feature ->
                Precision.has(feature, Stream.of("processor\t: 0", line, "power management:")));
        assertThat(has).isEqualTo(expected);
    }

    @Test
    void whatIsAskedForByNameStays() {
        assertThat(Precision.BFLOAT16.resolve()).isEqualTo(Precision.BFLOAT16);
        assertThat(Precision.FLOAT32.resolve()).isEqualTo(Precision.FLOAT32);
    }
}
