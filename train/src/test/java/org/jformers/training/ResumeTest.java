package org.jformers.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jformers.optim.OptimizerKinds;
import org.jformers.optim.Schedule;
import org.jformers.optim.StateType;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.jformers.training.TinyRun.Kind;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A run that stopped goes on as if it had not. */
final class ResumeTest {

    static Stream<Arguments> runs() {
        return Stream.of(Kind.values()).flatMap(kind -> Stream.of(Precision.FLOAT32, Precision.BFLOAT16)
                .map(precision -> Arguments.of(kind, precision)));
    }

    /** A step may take several batches. */
    static Stream<Arguments> steps() {
        return runs().flatMap(run -> Stream.of(1, 3).map(
                accumulation -> Arguments.of(run.get()[0], run.get()[1], accumulation)));
    }

    @ParameterizedTest
    @MethodSource("steps")
    void thirtyStepsAndThirtyMoreAreSixty(Kind kind, Precision precision, int accumulation, @TempDir Path folder) {
        try (TinyRun straight = new TinyRun(kind)) {
            straight.train(TinyRun.settings(60, precision, accumulation));
            // These runs share the generator of the process, so they begin one after the other.
            try (TinyRun first = new TinyRun(kind)) {
                first.train(TinyRun.settings(30, precision, accumulation), new CheckpointListener(folder, 30, 1));
                assertThat(first.losses).isEqualTo(straight.losses.subList(0, 30));
                assertThat(first.bits()).isNotEqualTo(straight.bits());
            }
            try (TinyRun second = new TinyRun(kind)) {
                second.restore(TrainingCheckpoint.newest(folder).orElseThrow());
                second.train(TinyRun.settings(60, precision, accumulation));
                assertThat(second.losses).hasSize(30).isEqualTo(straight.losses.subList(30, 60));
                assertThat(second.bits()).isEqualTo(straight.bits());
                assertThat(second.progress().step()).isEqualTo(60);
                assertThat(second.progress().tokens()).isEqualTo(straight.progress().tokens());
                assertThat(second.progress().batches()).isEqualTo(60L * accumulation);
            }
        }
    }

    static Stream<Arguments> optimizers() {
        return Stream.of(StateType.values()).flatMap(states -> OptimizerKinds.all(states).entrySet().stream()
                .map(entry -> Arguments.of(entry.getKey(), states, entry.getValue())));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void everyOptimizerGoesOn(String name, StateType states, OptimizerKinds.Kind kind, @TempDir Path folder) {
        try (TinyRun straight = with(kind)) {
            straight.train(TinyRun.settings(12, Precision.FLOAT32));
            try (TinyRun first = with(kind)) {
                first.train(TinyRun.settings(6, Precision.FLOAT32), new CheckpointListener(folder, 6, 1));
            }
            try (TinyRun second = with(kind)) {
                second.restore(TrainingCheckpoint.newest(folder).orElseThrow());
                second.train(TinyRun.settings(12, Precision.FLOAT32));
                assertThat(second.losses).isEqualTo(straight.losses.subList(6, 12));
                assertThat(second.bits()).isEqualTo(straight.bits());
            }
        }
    }

    private static TinyRun with(OptimizerKinds.Kind kind) {
        return new TinyRun(Kind.DECODER, 0.2, new Schedule.Constant(kind.rate()), kind.of());
    }

    @ParameterizedTest
    @MethodSource("runs")
    void measuringChangesNothing(Kind kind, Precision precision) {
        try (TinyRun plain = new TinyRun(kind)) {
            plain.train(TinyRun.settings(20, precision));
            try (TinyRun measured = new TinyRun(kind)) {
                List<Map<String, Double>> results = new ArrayList<>();
                measured.train(TinyRun.settings(20, precision), new ValidationListener(
                        5, measured.examples().evaluationBatches(), (loop, figures) -> results.add(figures)));
                assertThat(results).hasSize(4).allMatch(result -> Double.isFinite(result.get("loss")));
                assertThat(results.get(3).get("loss")).isLessThan(results.get(0).get("loss"));
                assertThat(results.get(3).get("accuracy")).isBetween(0.0, 1.0)
                        .isGreaterThan(results.get(0).get("accuracy"));
                assertThat(measured.losses).isEqualTo(plain.losses);
                assertThat(measured.bits()).isEqualTo(plain.bits());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("runs")
    void measuringLeavesModeAndRandomStateAlone(Kind kind, Precision precision) {
        try (TinyRun run = new TinyRun(kind)) {
            for (boolean training : new boolean[] {true, false}) {
                run.model().network().train(training);
                List<Byte> before = randomState();
                HeldOutLoss first = measure(run, precision);
                assertThat(run.model().network().training()).isEqualTo(training);
                assertThat(randomState()).isEqualTo(before);
                assertThat(measure(run, precision)).isEqualTo(first);
            }
        }
    }

    private static HeldOutLoss measure(TinyRun run, Precision precision) {
        return ValidationListener.measure(
                run.parts().trained(), run.parts().objective(), precision, run.examples().evaluationBatches());
    }

    private static List<Byte> randomState() {
        return Scopes.get(() -> {
            long[] values = Tensors.toLongs(Seeds.state());
            return Arrays.stream(values).mapToObj(value -> (byte) value).toList();
        });
    }
}
