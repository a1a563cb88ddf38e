package org.jformers.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.Batch;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.objective.Classification;
import org.jformers.optim.Adam;
import org.jformers.optim.Schedule;
import org.jformers.tensor.Precision;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.training.StepReport;
import org.jformers.training.TrainedModel;
import org.jformers.training.TrainingListener;
import org.jformers.training.TrainingLoop;
import org.jformers.training.TrainingProgress;
import org.jformers.training.TrainingSettings;

/**
 * Fine-tunes an encoder to tell two classes of texts apart, 32 texts a step, through the real loop, and prints
 * milliseconds per step. bench/finetuning.sh runs it beside Python.
 *
 * <p>Arguments: {@code prepare MODEL TABLE STEPS FILE} writes the batches, {@code PRECISION MODEL FILE} trains on them.
 */
public final class FineTuning {
    private static final int WARMUP = 5;

    private FineTuning() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[1]);
        if (args[0].equals("prepare")) {
            FineTuningBatches.write(
                    Path.of(args[2]), AutoTokenizer.load(folder), Integer.parseInt(args[3]), Path.of(args[4]));
            return;
        }
        Precision precision = Precision.valueOf(args[0].toUpperCase(Locale.ROOT));
        List<Batch> batches = FineTuningBatches.read(Path.of(args[2]));
        int steps = batches.size();
        LoadRequest request = LoadRequest.of(Task.SEQUENCE_CLASSIFICATION)
                .withLabels(List.of("0", "1"))
                .withMode(LoadMode.NEW_HEAD);
        List<StepReport> reports = new ArrayList<>();
        List<Long> processor = new ArrayList<>();
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        try (Model model = AutoModel.load(folder, request).model();
                Adam optimizer = new Adam(
                        new Adam.Settings(Adam.Decay.DECOUPLED, 0.9, 0.999, 1e-8, 0.01),
                        model.network().parameters())) {
            TrainingListener watch = new TrainingListener() {
                @Override
                public void afterStep(TrainingLoop loop, StepReport report) {
                    reports.add(report);
                    processor.add(system.getProcessCpuTime());
                }
            };
            new TrainingLoop(
                            new TrainingLoop.Parts(
                                    new TrainedModel(model), new Classification(model), optimizer,
                                    new Schedule.Linear(1e-4, steps / 10, steps)),
                            batches.iterator(),
                            new TrainingSettings(steps, Duration.ZERO, 1, 1.0, precision),
                            List.of(watch),
                            TrainingProgress.START)
                    .run();
        }
        double[] times = reports.stream().skip(WARMUP).mapToDouble(r -> 1e3 * r.seconds()).sorted().toArray();
        System.out.printf(Locale.ROOT, "jformers %s mean %.1f ms median %.1f ms processor %.1f ms loss %.4f%n",
                args[0], Arrays.stream(times).average().orElseThrow(), times[times.length / 2],
                (processor.get(steps - 1) - processor.get(WARMUP - 1)) / 1e6 / times.length,
                reports.stream().skip(steps / 2).mapToDouble(StepReport::loss).average().orElseThrow());
    }
}
