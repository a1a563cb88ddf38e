package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class QuantizationTest {
    private static final class Net extends Module {
        final Linear map;

        Net(int in, int out, boolean bias) {
            map = child("map", new Linear.Spec(in, out, bias, Parameter.Role.WEIGHT).build());
            Scopes.run(() -> {
                torch.manual_seed(7);
                map.tensors().values().forEach(tensor ->
                        tensor.set_data(torch.randn(tensor.shape()).mul(new Scalar(0.1))));
            });
        }
    }

    private static double largest(Tensor tensor) {
        return tensor.abs().max().item_double();
    }

    private static double relative(Tensor y, Tensor expected) {
        return y.sub(expected).square().mean().div(expected.square().mean()).sqrt().item_double();
    }

    /** A step is the range of normal numbers by their count, and its square root of a twelfth the error. */
    @ParameterizedTest
    @CsvSource({"int8, 64, 48, 0.0065", "int8, 50, 33, 0.0065", "int4, 64, 48, 0.085", "int4, 96, 33, 0.085",
        "int4-128, 256, 17, 0.105", "int4-64, 128, 64, 0.095", "int4-256, 512, 32, 0.115"})
    void weightsAreAsCloseAsTheirStepsAllow(String name, int in, int out, double error) {
        try (Net net = new Net(in, out, true)) {
            Scopes.run(() -> {
                Tensor weight = net.map.weight().detach().clone();
                Quantization.named(name).applyTo(net);
                Tensor kept = ((Linear.Quantized) net.map.kernel()).dequantized();
                assertThat(kept.shape()).containsExactly(out, in);
                assertThat(relative(kept, weight)).isBetween(1e-4, error);
                assertThat(net.parameters().keySet()).containsExactly("map.bias");
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"int8, 1", "int8, 2", "int8, 70", "int4, 1", "int4, 5", "int4, 70"})
    void productsAreThoseOfTheMatrixThatIsKept(String name, long rows) {
        try (Net net = new Net(96, 33, true)) {
            Quantization.named(name).applyTo(net);
            Scopes.run(() -> {
                try (NoGrad noGrad = new NoGrad()) {
                    Tensor weight = ((Linear.Quantized) net.map.kernel()).dequantized();
                    Tensor bias = net.tensors().get("map.bias");
                    for (ScalarType type : new ScalarType[] {ScalarType.Float, ScalarType.BFloat16}) {
                        Tensor x = torch.randn(1, rows, 96).to(type);
                        Tensor y = net.map.forward(x);
                        assertThat(Tensors.type(y)).isEqualTo(type);
                        assertThat(y.shape()).containsExactly(1, rows, 33);
                        Tensor expected = Linear.apply(x.to(ScalarType.Float), weight, Optional.of(bias));
                        assertThat(relative(y.to(ScalarType.Float), expected)).isBetween(1e-5, 0.012);
                    }
                }
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"int8", "int4"})
    void aRowIsComputedAsIfItWereAlone(String name) {
        try (Net net = new Net(128, 64, true)) {
            Quantization.named(name).applyTo(net);
            Scopes.run(() -> {
                try (NoGrad noGrad = new NoGrad()) {
                    // Rows of very different sizes: a scale for all of them would round the small ones away.
                    Tensor size = Tensors.ofFloats(new float[] {1e-3f, 1, 50, 1e4f, 0, 0.1f}, 6, 1);
                    Tensor x = torch.randn(6, 128).mul(size);
                    Tensor together = net.map.forward(x);
                    for (int row = 0; row < 6; row++) {
                        Tensor alone = net.map.forward(x.narrow(0, row, 1));
                        Tensor difference = alone.sub(together.narrow(0, row, 1));
                        assertThat(largest(difference)).isLessThanOrEqualTo(1e-6 * Math.max(1, largest(alone)));
                    }
                    assertThat(largest(together.select(0, 4).sub(net.tensors().get("map.bias")))).isLessThan(1e-6);
                }
            });
        }
    }

    /** Numbers that lie on a grid of 16 steps already, as those of GPTQ, AWQ and GGUF's Q4_0 do. */
    @ParameterizedTest
    @ValueSource(ints = {0, 3, 8, 12})
    void weightsOnAGridKeepTheirNumbers(int zero) {
        try (Net net = new Net(64, 32, false)) {
            Scopes.run(() -> {
                torch.manual_seed(3);
                Tensor number = torch.rand(32, 64).mul(new Scalar(16)).floor();
                number.select(1, 0).fill_(new Scalar(0)); // the least and the largest of each group are there
                number.select(1, 1).fill_(new Scalar(15));
                number.select(1, 32).fill_(new Scalar(0));
                number.select(1, 33).fill_(new Scalar(13));
                number.narrow(1, 32, 32).clamp_max_(new Scalar(13));
                Tensor grid = number.sub(new Scalar(zero)).mul(new Scalar(0.0078125 * 1.25));
                net.map.weight().set_data(grid);
                Quantization.int4().applyTo(net);
                assertThat(largest(((Linear.Quantized) net.map.kernel()).dequantized().sub(grid))).isLessThan(1e-7);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"int8", "int4"})
    void whatWasQuantizedStaysTheSameIfItIsQuantizedAgain(String name) {
        try (Net net = new Net(96, 48, false); Net again = new Net(96, 48, false)) {
            Scopes.run(() -> {
                Quantization.named(name).applyTo(net);
                Tensor kept = ((Linear.Quantized) net.map.kernel()).dequantized();
                again.map.weight().set_data(kept.clone());
                Quantization.named(name).applyTo(again);
                Tensor twice = ((Linear.Quantized) again.map.kernel()).dequantized();
                assertThat(largest(twice.sub(kept))).isLessThanOrEqualTo(1e-6 * largest(kept));
            });
        }
    }

    @Test
    void smallMapsStayAsTheyAreAndHeadsKeep8Bits() {
        try (Net small = new Net(64, 3, true)) {
            Quantization.int8().applyTo(small);
            assertThat(small.map.isDense()).isTrue();
            assertThat(small.parameters()).containsKey("map.weight");
        }
        try (Net net = new Net(64, 32, true)) {
            Quantization.int4().apply("head.output", net.map);
            assertThat(net.map.kernel()).isInstanceOf(Int8Weights.class);
        }
        try (Net net = new Net(40, 32, true)) { // 40 inputs are no groups of 32
            Quantization.int4().applyTo(net);
            assertThat(net.map.kernel()).isInstanceOf(Int8Weights.class);
        }
    }

    @Test
    void aQuantizedMatrixIsNotReadChangedOrQuantizedAgain() {
        try (Net net = new Net(64, 32, true)) {
            Quantization.int8().applyTo(net);
            assertThatThrownBy(net.map::weight).isInstanceOf(JformersException.class).hasMessageContaining("quantized");
            assertThatThrownBy(() -> Quantization.int8().applyTo(net)).isInstanceOf(JformersException.class)
                    .hasMessageContaining("map");
        }
    }

    @Test
    void refusesWhatIsNoQuantization() {
        assertThatThrownBy(() -> Quantization.named("int3")).isInstanceOf(JformersException.class)
                .hasMessageContaining("int3").hasMessageContaining("int4-128");
        assertThatThrownBy(() -> Quantization.int4(48)).isInstanceOf(JformersException.class)
                .hasMessageContaining("48").hasMessageContaining("[32, 64, 128, 256]");
    }
}
