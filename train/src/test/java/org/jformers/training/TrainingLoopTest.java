package org.jformers.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.data.Batch;
import org.jformers.data.BatchStream;
import org.jformers.data.Draw;
import org.jformers.model.Loss;
import org.jformers.objective.Objective;
import org.jformers.optim.Schedule;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Tensors;
import org.jformers.training.TinyRun.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainingLoopTest {

    /** An adapter learns little on a model that was never trained; {@link LoraTrainingTest} has one that does. */
    @ParameterizedTest
    @EnumSource(value = Kind.class, names = "ADAPTED_DECODER", mode = EnumSource.Mode.EXCLUDE)
    void learns(Kind kind) {
        try (TinyRun run = new TinyRun(kind)) {
            run.train(TinyRun.settings(60, Precision.FLOAT32));
            assertThat(mean(run.losses, 50, 60)).isLessThan(0.97 * mean(run.losses, 0, 10));
            assertThat(run.model().network().training()).isFalse();
        }
    }

    private static double mean(List<Double> losses, int from, int to) {
        return losses.subList(from, to).stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }

    /** Several small batches of unequal weight against one that holds the same examples. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void accumulatedBatchesMakeTheStepOfOneBigBatch(Kind kind) {
        try (TinyRun big = new TinyRun(kind, 0); TinyRun small = new TinyRun(kind, 0)) {
            int[][] parts = {{0}, {1, 2, 3, 4}, {5, 6}};
            int[] all = IntStream.range(0, 7).toArray();
            List<Batch> micro = new ArrayList<>();
            for (int[] part : parts) {
                micro.add(small.examples().collate(part, Draw.FIXED, micro.size() + 1));
            }
            Batch whole = big.examples().collate(all, Draw.FIXED, 1);
            assertThat(micro.stream().mapToLong(Batch::labels).distinct().count()).isGreaterThan(1);
            assertThat(micro.stream().mapToLong(Batch::labels).sum()).isEqualTo(whole.labels());
            StepReport one = step(big, List.of(whole));
            StepReport many = step(small, micro);
            assertThat(many.loss()).isCloseTo(one.loss(), Offset.offset(1e-6));
            assertThat(many.gradientNorm()).isCloseTo(one.gradientNorm(), Offset.offset(1e-5));
            assertThat(many.labels()).isEqualTo(one.labels());
            Map<String, float[]> moments = moments(small);
            moments(big).forEach((name, expected) -> {
                float[] got = moments.get(name);
                for (int i = 0; i < got.length; i++) {
                    assertThat(got[i]).as(name).isCloseTo(expected[i], Offset.offset(1e-6f));
                }
            });
        }
    }

    private static StepReport step(TinyRun run, List<Batch> batches) {
        List<StepReport> reports = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void afterStep(TrainingLoop loop, StepReport report) {
                reports.add(report);
                assertThat(loop.progress().batches()).isEqualTo(batches.size());
            }
        };
        new TrainingLoop(run.parts(), batches.iterator(),
                        new TrainingSettings(1, Duration.ZERO, batches.size(), 1, Precision.FLOAT32),
                        List.of(listener), TrainingProgress.START)
                .run();
        return reports.get(0);
    }

    /** First moments after one step: a tenth of the clipped gradients. */
    private static Map<String, float[]> moments(TinyRun run) {
        Map<String, float[]> moments = new LinkedHashMap<>();
        run.parts().optimizer().state().forEach((name, tensor) -> {
            if (name.startsWith("first_moment.")) {
                moments.put(name, Tensors.toFloats(tensor));
            }
        });
        return moments;
    }

    /** Left out are steps 3 and 5: nothing changes in them, they count, and what is saved is sound. */
    @Test
    void leavesOutStepsThatAreNoNumbers(@TempDir Path folder) {
        try (TinyRun run = new TinyRun(Kind.DECODER, 0)) {
            AtomicLong batches = new AtomicLong();
            Objective broken = batch -> {
                long number = batches.incrementAndGet();
                Tensor sum = run.parts().objective().loss(batch).main();
                return Loss.of(
                        number == 3 ? sum.mul(new Scalar(Double.NaN)) : number == 5 ? sum.div(new Scalar(0)) : sum,
                        Optional.empty());
            };
            List<String> bits = new ArrayList<>(List.of(run.bits().toString()));
            List<StepReport> reports = new ArrayList<>();
            TrainingListener watch = new TrainingListener() {
                @Override
                public void afterStep(TrainingLoop loop, StepReport report) {
                    bits.add(run.bits().toString());
                    reports.add(report);
                }
            };
            TrainingLoop loop = new TrainingLoop(
                    new TrainingLoop.Parts(
                            run.parts().trained(), broken, run.parts().optimizer(), run.parts().schedule()),
                    new BatchStream(run.examples(), TinyRun.SEED), TinyRun.settings(6, Precision.FLOAT32).withSkips(2),
                    List.of(watch, new CheckpointListener(folder, 5, 1)), TrainingProgress.START);
            loop.run();
            assertThat(reports).extracting(StepReport::skipped)
                    .containsExactly(false, false, true, false, true, false);
            for (int step = 1; step <= 6; step++) {
                assertThat(bits.get(step).equals(bits.get(step - 1))).as("step %d", step)
                        .isEqualTo(step == 3 || step == 5);
            }
            assertThat(loop.progress().skipped()).isEqualTo(2);
            assertThat(TrainingCheckpoint.progress(TrainingCheckpoint.newest(folder).orElseThrow()).skipped())
                    .isEqualTo(2);
            assertThat(run.parts().optimizer().state().get("steps.body.finalNorm.weight").item_float()).isEqualTo(4);
        }
    }

    @Test
    void leavesOutNoMoreStepsThanItMay() {
        try (TinyRun run = new TinyRun(Kind.DECODER)) {
            run.train(TinyRun.settings(2, Precision.FLOAT32));
            poison(run);
            assertThatThrownBy(() -> run.train(TinyRun.settings(9, Precision.FLOAT32).withSkips(3)))
                    .isInstanceOf(JformersException.class)
                    .hasMessageStartingWith("training: the loss is NaN at step 6, after 3 steps that were left out;");
        }
    }

    @Test
    void stopsWhereTheLossIsNoNumber() {
        try (TinyRun run = new TinyRun(Kind.DECODER)) {
            run.train(TinyRun.settings(2, Precision.FLOAT32));
            poison(run);
            assertThatThrownBy(() -> run.train(TinyRun.settings(4, Precision.FLOAT32)))
                    .isInstanceOf(JformersException.class)
                    .hasMessage("training: the loss is NaN at step 3; a lower learning rate, a longer warm-up or"
                            + " clipping may help");
            assertThat(run.parts().optimizer().state().get("steps.body.finalNorm.weight").item_float()).isEqualTo(2);
        }
    }

    /** With clipping and without: neither the weights nor a checkpoint ever hold such a step. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 1})
    void stopsWhereTheGradientsAreNoNumber(double clipNorm, @TempDir Path folder) {
        try (TinyRun run = new TinyRun(Kind.DECODER)) {
            // A root is infinitely steep at 0.
            Objective steep = batch -> Loss.of(
                    run.parts().objective().loss(batch).main().mul(new Scalar(0L)).sqrt(), Optional.empty());
            String before = run.bits().toString();
            TrainingLoop loop = new TrainingLoop(
                    new TrainingLoop.Parts(
                            run.parts().trained(), steep, run.parts().optimizer(), run.parts().schedule()),
                    run.examples().evaluationBatches().iterator(),
                    new TrainingSettings(1, Duration.ZERO, 1, clipNorm, Precision.FLOAT32),
                    List.of(new CheckpointListener(folder, 1, 1)), TrainingProgress.START);
            assertThatThrownBy(loop::run).isInstanceOf(JformersException.class)
                    .hasMessage("training: the norm of the gradients is NaN at step 1; a lower learning rate, a longer"
                            + " warm-up or clipping may help");
            assertThat(run.bits().toString()).isEqualTo(before);
            assertThat(folder).isEmptyDirectory();
        }
    }

    private static void poison(TinyRun run) {
        run.model().network().tensors().get("body.finalNorm.weight").data_ptr_float().put(0, Float.NaN);
    }

    @Test
    void endsInTimeWithTheRateOfTheEnd() {
        Schedule schedule = new Schedule.Linear(1e-3, 10, 1_000_000);
        try (TinyRun run = new TinyRun(Kind.DECODER, 0.2, schedule)) {
            List<StepReport> reports = new ArrayList<>();
            AtomicLong nanos = new AtomicLong();
            run.train(() -> nanos.getAndAdd(5_000_000),
                    new TrainingSettings(1_000_000, Duration.ofMillis(700), 1, 1, Precision.FLOAT32),
                    new TrainingListener() {
                        @Override
                        public void afterStep(TrainingLoop loop, StepReport report) {
                            reports.add(report);
                            assertThat(loop.expectedSteps()).isBetween(report.step(), 999_999L);
                        }
                    });
            assertThat(reports).hasSize(140);
            StepReport last = reports.get(reports.size() - 1);
            assertThat(last.learningRate()).isCloseTo(1e-3 / 140, within(1e-8));
            assertThat(reports).isSortedAccordingTo(
                    (a, b) -> a.step() < 3 ? 0 : Double.compare(b.learningRate(), a.learningRate()));
        }
    }

    @Test
    void leavesNoNativeObjectsBehind() {
        try (TinyRun run = new TinyRun(Kind.ENCODER_DECODER)) {
            run.train(TinyRun.settings(5, Precision.BFLOAT16));
            long before = Pointer.totalCount();
            run.train(TinyRun.settings(60, Precision.BFLOAT16));
            assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
        }
    }

    @Test
    void refusesSettingsThatCannotWork() {
        assertThatThrownBy(() -> TinyRun.settings(0, Precision.FLOAT32)).isInstanceOf(JformersException.class)
                .hasMessageContaining("got steps 0")
                .hasMessageContaining("allowed steps >= 0, epochs >= 0, one of them > 0");
        assertThatThrownBy(() -> new TrainingSettings(1, Duration.ZERO, 0, 1, Precision.AUTO))
                .hasMessageContaining("accumulation 0");
        assertThatThrownBy(() -> new TrainingSettings(1, Duration.ofSeconds(-1), 1, 1, Precision.AUTO))
                .hasMessageContaining("max_duration PT-1S");
    }
}
