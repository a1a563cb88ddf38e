package org.jformers.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.jformers.JformersException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ScheduleTest {
    private static final JsonNode FIXTURE = OptimFixture.read("schedules.json");

    static Stream<JsonNode> schedules() {
        return OptimFixture.stream(FIXTURE.get("schedules"));
    }

    @ParameterizedTest
    @MethodSource("schedules")
    void givesTheRatesOfTheReference(JsonNode golden) {
        Schedule schedule = schedule(golden);
        double relative = FIXTURE.get("tolerance").get("rel").doubleValue();
        double absolute = FIXTURE.get("tolerance").get("abs").doubleValue();
        JsonNode values = golden.get("values");
        assertThat(values).hasSize(130);
        for (int step = 0; step < values.size(); step++) {
            double expected = values.get(step).doubleValue();
            assertThat(schedule.rate(step)).as("%s, step %d", golden.get("name").textValue(), step)
                    .isCloseTo(expected, Offset.offset(absolute + relative * Math.abs(expected)));
        }
    }

    /** A schedule by the reference's name and arguments. */
    static Schedule schedule(JsonNode golden) {
        JsonNode a = golden.get("arguments");
        double rate = golden.get("lr").doubleValue();
        int warmup = a.path("num_warmup_steps").intValue();
        int steps = a.path("num_training_steps").intValue();
        return switch (golden.get("name").textValue()) {
            case "constant" -> new Schedule.Constant(rate);
            case "linear", "linear_no_warmup" -> new Schedule.Linear(rate, warmup, steps);
            case "cosine" -> new Schedule.Cosine(rate, warmup, steps, 0);
            case "cosine_with_min_lr" ->
                new Schedule.Cosine(rate, warmup, steps, a.get("min_lr").doubleValue() / rate);
            case "noam" -> new Schedule.Noam(
                    rate * a.get("factor").doubleValue(), a.get("model_size").intValue(), a.get("warmup").intValue());
            default -> throw new IllegalArgumentException(golden.get("name").textValue());
        };
    }

    @Test
    void refusesMoreWarmupThanSteps() {
        assertThatThrownBy(() -> new Schedule.Linear(1, 11, 10)).isInstanceOf(JformersException.class)
                .hasMessage("schedule: got 11 warm-up steps of 10, allowed 0 to the number of steps");
        assertThatThrownBy(() -> new Schedule.Cosine(1, -1, 10, 0)).hasMessageContaining("got -1 warm-up steps");
        assertThatThrownBy(() -> new Schedule.Noam(1, 8, 0)).hasMessageContaining("allowed >= 1 for noam");
    }
}
