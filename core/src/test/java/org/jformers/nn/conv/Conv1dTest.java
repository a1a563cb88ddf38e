package org.jformers.nn.conv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Conv1dTest {
    private static final int ROWS = 2;
    private static final int FRAMES = 11;

    /** The same in float64, whether or not the channels fill the processor's registers. */
    @ParameterizedTest
    @CsvSource({
        "5, 8, 1", "8, 5, 1", "16, 5, 1", "5, 16, 1", "16, 24, 1", "8, 8, 2", "16, 32, 2", "8, 8, 8", "6, 12, 6"
    })
    void hasTheGradientsOfDoublePrecision(int in, int out, int groups) {
        Conv1d.Spec spec = Conv1d.Spec.same(in, out, 3).withGroups(groups);
        try (Conv1d convolution = spec.build()) {
            Random random = new Random(4);
            try (NoGrad noGrad = new NoGrad()) {
                convolution.tensors().values().forEach(parameter -> Scopes.run(() ->
                        parameter.copy_(random(random, parameter.shape()))));
            }
            Scopes.run(() -> {
                Tensor x_BIT = random(random, ROWS, in, FRAMES).set_requires_grad(true);
                Tensor slope_BOT = random(random, ROWS, out, FRAMES);
                Tensor wide_BIT = x_BIT.detach().to(ScalarType.Double).set_requires_grad(true);
                Tensor weight = convolution.tensors().get("weight").detach().to(ScalarType.Double)
                        .set_requires_grad(true);
                Tensor bias = convolution.tensors().get("bias").detach().to(ScalarType.Double).set_requires_grad(true);
                Tensor got_BOT = convolution.forward(x_BIT);
                Tensor expected_BOT = torch.conv1d(
                        wide_BIT, weight, new TensorOptional(bias), new long[] {1},
                        new long[] {1}, new long[] {1}, groups);
                got_BOT.mul(slope_BOT).sum().backward();
                expected_BOT.mul(slope_BOT.to(ScalarType.Double)).sum().backward();
                assertClose("output", got_BOT, expected_BOT);
                assertClose("input", x_BIT.grad(), wide_BIT.grad());
                assertClose("weight", convolution.tensors().get("weight").grad(), weight.grad());
                assertClose("bias", convolution.tensors().get("bias").grad(), bias.grad());
            });
        }
    }

    private static Tensor random(Random random, long... shape) {
        float[] values = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensors.ofFloats(values, shape);
    }

    private static void assertClose(String what, Tensor got, Tensor expected) {
        assertThat(got.shape()).as(what).isEqualTo(expected.shape());
        assertThat(Tensors.toFloats(got.contiguous())).as(what).containsExactly(
                Tensors.toFloats(expected.to(ScalarType.Float).contiguous()), Offset.offset(1e-4f));
    }
}
