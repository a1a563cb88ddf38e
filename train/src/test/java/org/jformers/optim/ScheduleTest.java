package org.jformers.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.jformers.JformersException;
import org.jformers.optim.Schedule.Constant;
import org.jformers.optim.Schedule.Cosine;
import org.jformers.optim.Schedule.Cycle;
import org.jformers.optim.Schedule.Geometric;
import org.jformers.optim.Schedule.InverseSigmoid;
import org.jformers.optim.Schedule.InverseSquareRoot;
import org.jformers.optim.Schedule.Lowest;
import org.jformers.optim.Schedule.Noam;
import org.jformers.optim.Schedule.Pieces;
import org.jformers.optim.Schedule.Point;
import org.jformers.optim.Schedule.Polynomial;
import org.jformers.optim.Schedule.Ramp;
import org.jformers.optim.Schedule.Shape;
import org.jformers.optim.Schedule.Stepwise;
import org.jformers.optim.Schedule.Until;
import org.jformers.optim.Schedule.WarmupStableDecay;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Schedules put together of parts; the kinds of the reference library are among the golden files of conformance. */
final class ScheduleTest {
    private static final JsonNode FIXTURE = OptimFixture.read("composed-schedules.json");

    static Stream<JsonNode> schedules() {
        return OptimFixture.stream(FIXTURE.get("schedules"));
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void partsMakeTheSchedulesOfAnotherLibrary(JsonNode golden) {
        Schedule schedule = composed(golden.get("name").textValue());
        double relative = FIXTURE.get("tolerance").get("rel").doubleValue();
        double absolute = FIXTURE.get("tolerance").get("abs").doubleValue();
        JsonNode values = golden.get("values");
        assertThat(values).hasSize(60);
        for (int step = 0; step < values.size(); step++) {
            double expected = values.get(step).doubleValue();
            assertThat(schedule.rate(step)).as("%s, step %d", golden.get("name").textValue(), step)
                    .isCloseTo(expected, Offset.offset(absolute + relative * Math.abs(expected)));
        }
    }

    private static Schedule composed(String name) {
        double width = Math.pow(64, -0.5);
        return switch (name) {
            case "piecewise_constant" -> new Pieces(
                    List.of(new Constant(1), new Constant(0.3), new Constant(0.05)), List.of(10, 35));
            case "continuous" -> new Geometric(
                    new Point(10, 2), new Point(10 + 8 * Math.log(0.01) / Math.log(0.5), 0.02));
            case "polynomial_from_start" -> new Ramp(new Point(5, 1), new Point(45, 0.1), 3);
            case "polynomial_from_limit" -> new Pieces(
                    List.of(new Constant(1), new Polynomial(1, 0, 40, 0.1, 3)), List.of(5));
            case "exponential" -> new Geometric(new Point(5, 1), new Point(45, 0.02));
            case "annealing" -> new Stepwise(1, 0.9, 1, 0.1);
            case "stepwise_exponential" -> new Stepwise(1, 0.7, 7, 0);
            case "combined_minimum" -> new Lowest(List.of(
                    new Constant(1, 20), new Geometric(new Point(10, 1), new Point(50, 0.01))));
            case "transformer_decay_end" -> new Until(new Noam(1, 64, 12), 30);
            case "transformer_no_warmup" -> new Lowest(List.of(
                    new Noam(1, 64, 1), new Constant(width * Math.pow(12, -0.5))));
            case "transformer_mlperf" -> new InverseSquareRoot(width * Math.pow(12, -0.5), 12, 12);
            case "linear_rampup_exponential_decay" -> new Lowest(List.of(
                    new Constant(1, 8), new Geometric(new Point(20, 1), new Point(50, 0.01))));
            case "linear_rampup_piecewise_constant" -> new Pieces(
                    List.of(new Constant(1, 6), new Constant(0.2)), List.of(30));
            case "linear_rampup_cosine" -> new Lowest(List.of(
                    new Ramp(new Point(0, 0.1), new Point(10, 2), 1), new Until(new Cosine(2, 0, 50, 0.1), 50)));
            case "piecewise" -> new Pieces(List.of(new Constant(1, 10), new Stepwise(1, 0.9, 1, 0)), List.of(10));
            case "sqrt_decay" -> new Pieces(
                    List.of(new Constant(3.0 / 4), new InverseSquareRoot(3.0 / 4, 0, 16)), List.of(16));
            case "sqrt_to_zero" -> new WarmupStableDecay(1, 0, 0, 50, 0, Shape.LINEAR, Shape.SQUARE_ROOT);
            case "cycle" -> new Cycle(List.of(new Constant(0.5), new Stepwise(1, 0.9, 1, 0)), List.of(3, 4));
            case "inverse_sigmoid" -> new InverseSigmoid(1, 10);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** A run that is cut short in time asks for rates between the steps. */
    @Test
    void hasRatesBetweenSteps() {
        assertThat(new WarmupStableDecay(1, 10, 10, 10, 0, Shape.LINEAR, Shape.LINEAR).rate(25.5))
                .isCloseTo(0.45, Offset.offset(1e-12));
        assertThat(new Cycle(List.of(new Constant(1), new Constant(2)), List.of(1, 1)).rate(2.5)).isEqualTo(1);
    }

    @Test
    void refusesMoreWarmupThanSteps() {
        assertThatThrownBy(() -> new Schedule.Linear(1, 11, 10)).isInstanceOf(JformersException.class)
                .hasMessage("schedule: got 11 warm-up steps of 10, allowed 0 to the number of steps");
        assertThatThrownBy(() -> new Cosine(1, -1, 10, 0)).hasMessageContaining("got -1 warm-up steps");
        assertThatThrownBy(() -> new Noam(1, 8, 0)).hasMessageContaining("allowed >= 1 for noam");
    }

    @Test
    void refusesPartsThatDoNotFitTogether() {
        assertThatThrownBy(() -> new Pieces(List.of(new Constant(1), new Constant(2)), List.of()))
                .isInstanceOf(JformersException.class)
                .hasMessage("schedule: got 2 parts that begin at 0 and [], allowed one beginning for each, ascending");
        assertThatThrownBy(() -> new Cycle(List.of(new Constant(1)), List.of(0)))
                .hasMessageContaining("allowed as many of each, >= 1 steps");
        assertThatThrownBy(() -> new Ramp(new Point(4, 1), new Point(4, 2), 1))
                .hasMessage("schedule: got a way from step 4.0 to 4.0, allowed to a later one");
        assertThatThrownBy(() -> new Geometric(new Point(0, 0), new Point(4, 2)))
                .hasMessageContaining("allowed > 0");
        assertThatThrownBy(() -> new Lowest(List.of())).hasMessageContaining("allowed one or more");
    }
}
