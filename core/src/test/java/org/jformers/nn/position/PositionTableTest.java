package org.jformers.nn.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Initialization;
import org.jformers.nn.position.SinusoidalPositions.Layout;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

final class PositionTableTest {
    private static final int POSITIONS = 60;
    private static final int WIDTH = 10;

    private static float[] table(Layout layout) {
        return Scopes.get(() -> {
            try (SinusoidalPositions positions = new SinusoidalPositions.Spec(POSITIONS, WIDTH, layout).build()) {
                return Tensors.toFloats(positions.table());
            }
        });
    }

    @Test
    void sinesAndCosinesFollowTheFormula() {
        float[] interleaved = table(Layout.INTERLEAVED);
        float[] halves = table(Layout.HALVES);
        for (int p = 0; p < POSITIONS; p++) {
            for (int i = 0; i < WIDTH / 2; i++) {
                double angle = p * Math.exp(-Math.log(10_000) * 2 * i / WIDTH);
                assertThat((double) interleaved[p * WIDTH + 2 * i]).isCloseTo(Math.sin(angle), within(1e-6));
                assertThat((double) interleaved[p * WIDTH + 2 * i + 1]).isCloseTo(Math.cos(angle), within(1e-6));
                assertThat((double) halves[p * WIDTH + i]).isCloseTo(Math.sin(angle), within(1e-6));
                assertThat((double) halves[p * WIDTH + WIDTH / 2 + i]).isCloseTo(Math.cos(angle), within(1e-6));
            }
        }
    }

    @Test
    void oddWidthsHaveOneSineMore() {
        Scopes.run(() -> {
            try (SinusoidalPositions positions = new SinusoidalPositions.Spec(2, 5, Layout.HALVES).build()) {
                float[] row = Tensors.toFloats(positions.table().select(0, 1));
                double[] rates = {1, Math.pow(10_000, -2 / 5.0), Math.pow(10_000, -4 / 5.0)};
                for (int i = 0; i < 5; i++) {
                    double expected = i < 3 ? Math.sin(rates[i]) : Math.cos(rates[i - 3]);
                    assertThat((double) row[i]).isCloseTo(expected, within(1e-6));
                }
            }
        });
    }

    @Test
    void looksRowsUpByPosition() {
        Scopes.run(() -> {
            try (SinusoidalPositions positions =
                    new SinusoidalPositions.Spec(POSITIONS, WIDTH, Layout.INTERLEAVED).build()) {
                Tensor at = Tensors.ofLongs(new long[][] {{7, 0, 7}, {59, 1, 2}});
                Tensor vectors_BTC = positions.forward(at);
                assertThat(vectors_BTC.shape()).containsExactly(2, 3, WIDTH);
                assertThat(vectors_BTC.select(0, 1).select(0, 0).equal(positions.table().select(0, 59))).isTrue();
                assertThat(vectors_BTC.select(0, 0).select(0, 2).equal(positions.table().select(0, 7))).isTrue();
            }
        });
    }

    @Test
    void hasNoParametersUnlessItLearns() {
        try (SinusoidalPositions fixed = new SinusoidalPositions.Spec(3, 4, Layout.HALVES).build();
                LearnedPositions learned = new LearnedPositions.Spec(3, 4).build()) {
            assertThat(fixed.parameters()).isEmpty();
            assertThat(learned.parameters()).containsOnlyKeys("weight");
            assertThat(learned.parameterCount()).isEqualTo(12);
        }
    }

    @Test
    void startsAsSinusoidsWhateverTheInitialisationAndTrains() {
        Scopes.run(() -> {
            var spec = new LearnedPositions.Spec(6, 5).startingAs(Layout.INTERLEAVED);
            try (LearnedPositions learned = spec.build();
                    SinusoidalPositions fixed = new SinusoidalPositions.Spec(6, 5, Layout.INTERLEAVED).build()) {
                new Initialization.Normal(0.02, 0.02).fill(learned.parameters().values());
                assertThat(learned.tensors().get("weight").equal(fixed.table())).isTrue();
                learned.forward(Tensors.range(0, 3)).sum().backward();
                assertThat(learned.tensors().get("weight").grad().sum().item_float()).isEqualTo(15);
            }
        });
    }

    @Test
    void neverTrainsTheRowOfPadding() {
        Scopes.run(() -> {
            try (LearnedPositions learned = new LearnedPositions.Spec(6, 5).withPaddingRow(1).build()) {
                learned.forward(Tensors.range(0, 3)).sum().backward();
                Tensor gradient = learned.tensors().get("weight").grad();
                assertThat(Tensors.toFloats(gradient.sum(1))).containsExactly(5, 0, 5, 0, 0, 0);
            }
        });
    }

    @Test
    void refusesPositionsBehindItsEnd() {
        try (LearnedPositions learned = new LearnedPositions.Spec(3, 4).build()) {
            learned.requireRoom(3, 0);
            assertThatThrownBy(() -> learned.requireRoom(4, 0)).isInstanceOf(ShapeException.class)
                    .hasMessageContaining("got 4, allowed at most 3");
            assertThatThrownBy(() -> learned.requireRoom(4, 2)).hasMessageContaining("got 2, allowed at most 1");
        }
    }
}
