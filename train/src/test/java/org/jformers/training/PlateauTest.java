package org.jformers.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.jformers.JformersException;
import org.jformers.optim.Schedule;
import org.junit.jupiter.api.Test;

final class PlateauTest {
    private static final double[] LOSSES = {5, 4, 4.5, 4.2, 4.1, 3, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7};

    private static Plateau plateau(double tolerance) {
        return new Plateau(new Schedule.Constant(0.2), new Plateau.Settings(false, tolerance, 200, 0.5, 0.2));
    }

    /** A measurement every hundred steps. */
    private static List<Double> factors(Plateau plateau, int from, int to) {
        List<Double> factors = new ArrayList<>();
        for (int i = from; i < to; i++) {
            plateau.measured(100L * (i + 1), LOSSES[i]);
            factors.add(plateau.factor());
        }
        return factors;
    }

    /** Best at 200, none better at 400: falls. Best at 600, none better at 800, 1000 and so on: falls each time. */
    @Test
    void fallsAfterAWindowWithoutGain() {
        Plateau plateau = plateau(0);
        assertThat(factors(plateau, 0, LOSSES.length)).containsExactly(
                1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2);
        assertThat(plateau.rate(7)).isEqualTo(0.2 * 0.2);
    }

    @Test
    void aSmallGainIsNone() {
        assertThat(factors(plateau(1.5), 0, 4)).containsExactly(1.0, 1.0, 0.5, 0.5);
    }

    @Test
    void higherMayBeBetter() {
        Plateau plateau = new Plateau(new Schedule.Constant(1), new Plateau.Settings(true, 0, 100, 0.5, 0));
        plateau.measured(100, 0.1);
        plateau.measured(200, 0.2);
        assertThat(plateau.factor()).isEqualTo(1);
        plateau.measured(300, 0.2);
        assertThat(plateau.factor()).isEqualTo(0.5);
    }

    @Test
    void goesOnFromItsState() {
        Plateau straight = plateau(0);
        List<Double> all = factors(straight, 0, LOSSES.length);
        for (int at = 0; at < LOSSES.length; at++) {
            Plateau first = plateau(0);
            factors(first, 0, at);
            Plateau second = plateau(0);
            second.restore(first.state());
            assertThat(factors(second, at, LOSSES.length)).isEqualTo(all.subList(at, LOSSES.length));
        }
    }

    @Test
    void refusesSettingsThatCannotWork() {
        assertThatThrownBy(() -> new Plateau.Settings(false, 0, 0, 0.5, 0)).isInstanceOf(JformersException.class)
                .hasMessageContaining("got tolerance 0.0, window 0, decay 0.5, least 0.0");
        assertThatThrownBy(() -> new Plateau.Settings(false, 0, 1, 1, 0)).hasMessageContaining("decay in (0, 1)");
    }
}
