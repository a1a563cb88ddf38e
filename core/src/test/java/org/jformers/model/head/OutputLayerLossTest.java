package org.jformers.model.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Loss;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutputLayerLossTest {
    private static final int WIDTH = 7;

    private static Tensor random(long... shape) {
        Tensor tensor = Tensors.empty(ScalarType.Float, shape);
        Tensors.fillNormal(tensor, 0, 0.5);
        return tensor.set_requires_grad(true);
    }

    private static double distance(Tensor a, Tensor b) {
        return a.sub(b).abs().max().item_double();
    }

    /** 2,000 rows of 3,001 scores are more than are held at a time. */
    @ParameterizedTest
    @CsvSource({"5, 11, 0, false", "5, 11, 0.1, true", "2000, 3001, 0, true", "2000, 3001, 0.2, false"})
    void isTheLossOfTheScores(int rows, int vocabulary, double smoothing, boolean withBias) {
        Scopes.run(() -> {
            Seeds.seed(3);
            Tensor hidden_RC = random(rows, WIDTH);
            Tensor table_VC = random(vocabulary, WIDTH);
            Optional<Tensor> bias_V = withBias ? Optional.of(random(vocabulary)) : Optional.empty();
            Tensor label_R = torch.randint(vocabulary, new long[] {rows}).to(ScalarType.Long);
            label_R.narrow(0, 1, 2).copy_(Tensors.ofLongs(new long[] {-100, -100}, 2));
            Tensor weight = Tensors.ofFloats(new float[] {0.25f}, 1).sum();

            Tensor score_RV = bias_V.isPresent()
                    ? torch.linear(hidden_RC, table_VC, bias_V.get())
                    : torch.linear(hidden_RC, table_VC);
            Tensor best_R = score_RV.argmax(new LongOptional(1), false);
            label_R.narrow(0, 3, 2).copy_(best_R.narrow(0, 3, 2));
            Tensor expected = Losses.crossEntropySum(score_RV, label_R, smoothing);
            expected.mul(weight).backward();
            Tensor hiddenSlope = hidden_RC.grad().clone();
            Tensor tableSlope = table_VC.grad().clone();
            Optional<Tensor> biasSlope = bias_V.map(b -> b.grad().clone());
            hidden_RC.grad().zero_();
            table_VC.grad().zero_();
            bias_V.ifPresent(b -> b.grad().zero_());

            Tensor got = new OutputLayerLoss(hidden_RC, label_R, table_VC, bias_V, smoothing).of().main();
            got.mul(weight).backward();
            double scale = expected.item_double();
            assertThat(got.item_double()).isCloseTo(scale, within(1e-6 * scale));
            assertThat(distance(hidden_RC.grad(), hiddenSlope)).isLessThan(1e-6);
            assertThat(distance(table_VC.grad(), tableSlope)).isLessThan(1e-5);
            biasSlope.ifPresent(slope -> assertThat(distance(bias_V.get().grad(), slope)).isLessThan(1e-5));
            try (NoGrad noGrad = new NoGrad()) {
                Loss loss = new OutputLayerLoss(hidden_RC, label_R, table_VC, bias_V, smoothing).of();
                long[] best = Tensors.toLongs(best_R);
                long[] labels = Tensors.toLongs(label_R);
                assertThat(loss.right().orElseThrow().item_long()).isGreaterThan(1).isEqualTo(
                        IntStream.range(0, rows).filter(row -> best[row] == labels[row]).count());
                Tensor value = loss.main();
                assertThat(value.requires_grad()).isFalse();
                assertThat(value.item_double()).isCloseTo(scale, within(1e-6 * scale));
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"0", "0.1"})
    void inBfloat16IsNearFloat32(double smoothing) {
        Scopes.run(() -> {
            Seeds.seed(3);
            Tensor hidden_RC = random(50, WIDTH);
            Tensor table_VC = random(90, WIDTH);
            Tensor label_R = torch.randint(90, new long[] {50}).to(ScalarType.Long);
            new OutputLayerLoss(hidden_RC, label_R, table_VC, Optional.empty(), smoothing).of().main().backward();
            Tensor exact = table_VC.grad().clone();
            table_VC.grad().zero_();
            Tensor loss = Precision.BFLOAT16.compute(
                    () -> new OutputLayerLoss(hidden_RC, label_R, table_VC, Optional.empty(), smoothing).of().main());
            loss.backward();
            double off = distance(table_VC.grad(), exact);
            assertThat(off).isPositive().isLessThan(0.05 * exact.abs().max().item_double());
            assertThat(loss.div(new Scalar(50.0)).item_double()).isBetween(3.0, 6.0);
        });
    }

    /** Of tokens that score alike one is chosen, as argmax does: a model that knows nothing is right by chance only. */
    @Test
    void oneOfEqualScoresIsRight() {
        Scopes.run(() -> {
            Tensor hidden_RC = torch.zeros(4, WIDTH);
            Tensor table_VC = torch.ones(5, WIDTH);
            Tensor label_R = Tensors.ofLongs(new long[] {0, 1, 4, -100}, 4);
            try (NoGrad noGrad = new NoGrad()) {
                Loss loss = new OutputLayerLoss(hidden_RC, label_R, table_VC, Optional.empty(), 0).of();
                assertThat(loss.right().orElseThrow().item_long()).isEqualTo(1);
            }
        });
    }
}
