package org.jformers.nn.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

final class RopeScalingTest {
    private static final int WIDTH = 8;
    private static final int TRAINED = 28;
    private static final RopeScaling LONG = new RopeScaling.LongRope(
            List.of(1.0, 1.1, 1.3, 2.0), List.of(1.5, 2.0, 3.0, 4.0), 7, RopeScaling.LongRope.paperFactor(4, 7));

    private static void assertFrequencies(RopeScaling scaling, double base, long length, double... expected) {
        float[] got = scaling.frequencies(WIDTH, base, length);
        assertThat(got).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) got[i]).as(scaling + " " + i).isCloseTo(expected[i], within(2e-7 * expected[i]));
        }
    }

    @Test
    void frequenciesAreThoseOfTheReference() {
        assertFrequencies(RopeScaling.NONE, 1e4, 1, 1, 0.1, 0.01, 0.001);
        assertFrequencies(new RopeScaling.Linear(3), 1e4, 40,
                0.3333333432674408, 0.03333333507180214, 0.003333333181217313, 0.0003333333588670939);
        assertFrequencies(new RopeScaling.Dynamic(2.5, TRAINED), 1e4, TRAINED, 1, 0.1, 0.01, 0.001);
        assertFrequencies(new RopeScaling.Dynamic(2.5, TRAINED), 1e4, 40,
                1, 0.07844706624746323, 0.006153941620141268, 0.0004827586526516825);
        assertFrequencies(new RopeScaling.Yarn(4, 8, 32, 1, true, 1), 1e4, 40,
                1, 0.02500000037252903, 0.0024999999441206455, 0.0002500000118743628);
        assertFrequencies(new RopeScaling.Llama3(8, 1, 4, 20), 500, 40,
                0.7617371082305908, 0.0264342799782753, 0.005590170156210661, 0.0011821769876405597);
        assertFrequencies(LONG, 1e4, 7, 1, 0.09090909361839294, 0.007692307699471712, 0.0005);
        assertFrequencies(LONG, 1e4, 8, 0.6666666865348816, 0.05000000074505806, 0.003333333414047957, 0.00025);
    }

    @Test
    void attentionFactorsAreThoseOfThePapers() {
        assertThat(LONG.attentionFactor()).isCloseTo(1.308592516490922, within(1e-12));
        assertThat(RopeScaling.Yarn.paperFactor(4, 1)).isCloseTo(1.138629436111989, within(1e-12));
        assertThat(RopeScaling.Yarn.paperFactor(4, 0.7) / RopeScaling.Yarn.paperFactor(4, 1.3))
                .isCloseTo(0.9295234923939468, within(1e-12));
        assertThat(RopeScaling.Yarn.paperFactor(0.5, 1)).isEqualTo(1);
        assertThat(RopeScaling.LongRope.paperFactor(1, 7)).isEqualTo(1);
    }

    @Test
    void aPassBeyondTheTrainedLengthTurnsByItsOwnFrequencies() {
        Scopes.run(() -> {
            try (Rope rope = new Rope.Spec(WIDTH, 1e4, LONG).build()) {
                for (Map.Entry<Long, Double> one : Map.of(6L, 0.0005, 9L, 0.00025).entrySet()) {
                    long last = one.getKey();
                    float[] sines = Tensors.toFloats(rope.at(Tensors.range(0, last + 1)).sin_B1TR());
                    double expected = Math.sin(last * one.getValue()) * LONG.attentionFactor();
                    assertThat((double) sines[sines.length - 1]).isCloseTo(expected, within(1e-8));
                }
            }
        });
    }

    @Test
    void refusesSettingsThatDoNotFit() {
        assertThatThrownBy(() -> new Rope.Spec(10, 1e4, LONG)).hasMessageContaining("allowed 5 each");
        assertThatThrownBy(() -> new Rope.Spec(2, 1e4, new RopeScaling.Dynamic(2, 8))).hasMessageContaining(">= 4");
        assertThatThrownBy(() -> new RopeScaling.Linear(0)).hasMessageContaining("factor 0.0");
    }
}
