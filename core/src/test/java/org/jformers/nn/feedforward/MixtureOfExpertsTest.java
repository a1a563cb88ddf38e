package org.jformers.nn.feedforward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Activation;
import org.jformers.nn.Initialization;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

final class MixtureOfExpertsTest {
    private static final int WIDTH = 5;
    private static final int EXPERTS = 7;
    private static final int CHOSEN = 3;

    private static MixtureOfExperts mixture() {
        Seeds.seed(4);
        MixtureOfExperts mixture = new MixtureOfExperts.Spec(
                new GatedMlp.Spec(WIDTH, 6, Activation.SILU), EXPERTS, CHOSEN, 0).build();
        new Initialization.Normal(0.7, 0.7).fill(mixture.parameters().values());
        return mixture;
    }

    /** Every expert reads every token, and what is not chosen is left out of the sum. */
    @Test
    void isTheWeightedSumOfTheChosen() {
        Scopes.run(() -> {
            try (MixtureOfExperts mixture = mixture()) {
                Tensor x_BTC = Tensors.range(0, 2 * 4 * WIDTH).view(2, 4, WIDTH)
                        .to(ScalarType.Float).sin();
                FeedForwardOutput output = mixture.forward(x_BTC);
                float[] got = Tensors.toFloats(output.hidden());
                float[] scores = Tensors.toFloats(output.routerLogits().orElseThrow());
                float[][] made = new float[EXPERTS][];
                for (int e = 0; e < EXPERTS; e++) {
                    made[e] = Tensors.toFloats(expert(mixture, e, x_BTC));
                }
                for (int token = 0; token < 8; token++) {
                    int first = token * EXPERTS;
                    int[] best = IntStream.range(0, EXPERTS).boxed()
                            .sorted(Comparator.comparingDouble(e -> -scores[first + e]))
                            .limit(CHOSEN).mapToInt(e -> e).toArray();
                    double all = Arrays.stream(best).mapToDouble(e -> Math.exp(scores[first + e])).sum();
                    for (int c = 0; c < WIDTH; c++) {
                        int at = token * WIDTH + c;
                        double expected = Arrays.stream(best)
                                .mapToDouble(e -> Math.exp(scores[first + e]) / all * made[e][at]).sum();
                        assertThat((double) got[at]).isCloseTo(expected, within(1e-5));
                    }
                }
            }
        });
    }

    private static Tensor expert(MixtureOfExperts mixture, int number, Tensor x_BTC) {
        Tensor in = mixture.tensors().get("experts." + number + ".in.weight");
        Tensor out = mixture.tensors().get("experts." + number + ".out.weight");
        Tensor inner = x_BTC.matmul(in.t());
        Tensor gate = Activation.SILU.apply(inner.narrow(2, 0, 6));
        return gate.mul(inner.narrow(2, 6, 6)).matmul(out.t());
    }

    @Test
    void aTokenWithoutExpertsGetsZeros() {
        Scopes.run(() -> {
            try (FeedForward expert = new GatedMlp.Spec(WIDTH, 6, Activation.SILU).build()) {
                Tensor x_MC = Tensors.ofFloats(new float[] {1, 2, 3, 4, 5, 5, 4, 3, 2, 1}, 2, WIDTH);
                new Initialization.Normal(0.7, 0.7).fill(expert.parameters().values());
                Tensor choice_M1 = Tensors.ofLongs(new long[] {-1, 0}, 2, 1);
                Tensor weight_M1 = Tensors.ofFloats(new float[] {1, 0.5f}, 2, 1);
                float[] y = Tensors.toFloats(Experts.mix(x_MC, choice_M1, weight_M1, List.of(expert)));
                assertThat(Arrays.copyOf(y, WIDTH)).containsOnly(0);
                assertThat(Arrays.copyOfRange(y, WIDTH, 2 * WIDTH)).doesNotContain(0);
            }
        });
    }

    @Test
    void refusesMoreChoicesThanExperts() {
        var expert = new GatedMlp.Spec(WIDTH, 6, Activation.SILU);
        assertThatThrownBy(() -> new MixtureOfExperts.Spec(expert, 2, 3, 0)).hasMessageContaining("3 of 2");
    }
}
