package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PackedWeightsTest {
    /** A map of 24 to 40 values, at random. */
    private static Linear map(ScalarType type) {
        Linear map = new Linear.Spec(24, 40).build();
        Scopes.run(() -> {
            torch.manual_seed(5);
            map.tensors().values().forEach(tensor -> {
                tensor.set_data(torch.randn(tensor.shape()).to(type));
            });
        });
        return map;
    }

    private static double difference(Tensor one, Tensor other) {
        return one.to(ScalarType.Float).sub(other.to(ScalarType.Float)).abs().max().item_double();
    }

    private interface Check {
        void of(Linear plain, Linear packed);
    }

    private static void withMaps(ScalarType type, Check check) {
        try (Linear plain = map(type); Linear packed = map(type)) {
            PackedWeights.pack(packed);
            Scopes.run(() -> check.of(plain, packed));
        }
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void functionsBehindTheProductAreThoseOfThePlainMap(Activation activation) {
        withMaps(ScalarType.Float, (plain, packed) -> {
            try (NoGrad noGrad = new NoGrad()) {
                for (long[] shape : new long[][] {{24}, {1, 24}, {1, 1, 24}, {2, 3, 24}, {70, 24}, {0, 24}}) {
                    Tensor x = torch.randn(shape);
                    Tensor y = packed.forward(x, activation);
                    assertThat(y.shape()).isEqualTo(plain.forward(x, activation).shape());
                    if (x.numel() > 0) {
                        Tensor expected = plain.forward(x, activation);
                        double size = Math.max(10, expected.abs().max().item_double());
                        assertThat(difference(y, expected)).isLessThan(2e-6 * size);
                    }
                }
            }
        });
    }

    /** The engine's own products of matrices in its arrangement are wrong in a last block that is not whole. */
    @ParameterizedTest
    @ValueSource(ints = {1, 17, 33, 64, 100, 129, 1000})
    void outputsOfAnyNumberAreRight(int outputs) {
        try (Linear map = new Linear.Spec(24, outputs).build(); NoGrad noGrad = new NoGrad()) {
            Scopes.run(() -> {
                map.tensors().values().forEach(tensor -> tensor.set_data(torch.randn(tensor.shape())));
                for (long rows : new long[] {1, 2, 70}) {
                    Tensor x = torch.randn(rows, 24);
                    Tensor expected = map.forward(x);
                    PackedWeights.pack(map);
                    assertThat(difference(map.forward(x), expected)).isLessThan(2e-5);
                    assertThat(map.forward(x).is_contiguous()).isTrue();
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 33})
    void bfloat16IsAsCloseAsItsProductsAre(long rows) {
        withMaps(ScalarType.BFloat16, (plain, packed) -> {
            try (NoGrad noGrad = new NoGrad()) {
                Tensor x = torch.randn(rows, 24).to(ScalarType.BFloat16);
                Tensor y = packed.forward(x);
                assertThat(Tensors.type(y)).isEqualTo(ScalarType.BFloat16);
                assertThat(difference(y, plain.forward(x))).isLessThan(0.15); // two steps of bfloat16 at 16
            }
        });
    }

    @Test
    void takesInputsThatLieOtherwiseInMemory() {
        withMaps(ScalarType.Float, (plain, packed) -> {
            try (NoGrad noGrad = new NoGrad()) {
                Tensor x = torch.randn(24, 7, 2).permute(1, 2, 0);
                assertThat(difference(packed.forward(x), plain.forward(x))).isLessThan(2e-5);
                Tensor part = torch.randn(5, 48).narrow(1, 3, 24);
                assertThat(difference(packed.forward(part), plain.forward(part))).isLessThan(2e-5);
            }
        });
    }

    @Test
    void gradientsAndAutocastFindThePlainProduct() {
        withMaps(ScalarType.Float, (plain, packed) -> {
            Tensor x = torch.randn(3, 24);
            packed.forward(x, Activation.GELU).sum().backward();
            assertThat(packed.weight().grad().abs().sum().item_double()).isGreaterThan(0);
            try (NoGrad noGrad = new NoGrad()) {
                Tensor y = Precision.BFLOAT16.compute(() -> packed.forward(x));
                assertThat(Tensors.type(y)).isEqualTo(ScalarType.BFloat16);
            }
        });
    }

    @Test
    void mapsInOtherTypesStayAsTheyAre() {
        try (Linear map = map(ScalarType.Double)) {
            PackedWeights.pack(map);
            assertThat(map.linears().values()).containsExactly(map);
            Scopes.run(() -> {
                Tensor x = torch.ones(2, 24).to(ScalarType.Double).mul(new Scalar(0.5));
                assertThat(Tensors.type(map.forward(x))).isEqualTo(ScalarType.Double);
            });
        }
    }
}
