package org.jformers.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jformers.data.BatchStream;
import org.jformers.data.PackedBlocks;
import org.jformers.data.Prefetcher;
import org.jformers.data.TokenSequences;
import org.jformers.experiment.ResidentMemory;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.objective.NextToken;
import org.jformers.optim.Adam;
import org.jformers.optim.Schedule;
import org.jformers.tensor.Precision;
import org.jformers.training.StepReport;
import org.jformers.training.TrainedModel;
import org.jformers.training.TrainingListener;
import org.jformers.training.TrainingLoop;
import org.jformers.training.TrainingProgress;
import org.jformers.training.TrainingSettings;

/**
 * Trains a GPT of 6 layers x 384, context 256, batch 8, vocabulary 8192 through the real loop and prints milliseconds
 * per step and resident memory. Arguments: precision, steps. bench/gpt-training.sh runs it beside Python.
 */
public final class GptTraining {
    private static final int WARMUP = 5;

    private GptTraining() {}

    /** @param args precision (float32 or bfloat16) and number of steps */
    public static void main(String[] args) throws Exception {
        Precision precision = Precision.valueOf(args[0].toUpperCase(Locale.ROOT));
        int steps = Integer.parseInt(args[1]);
        var config = AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "gpt2", "vocab_size": 8192, "n_positions": 256, "n_embd": 384, "n_layer": 6, "n_head": 6,
                 "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}"""), "the benchmark");
        Random random = new Random(1);
        TokenSequences documents = TokenSequences.of(
                List.of(random.ints(2_000_000, 0, 8192).toArray()), ids -> ids);
        List<StepReport> reports = new ArrayList<>();
        try (Model model = AutoModel.create(config, Task.CAUSAL_LM, 1);
                Adam optimizer = new Adam(
                        new Adam.Settings(Adam.Decay.DECOUPLED, 0.9, 0.95, 1e-8, 0.1),
                        model.network().parameters());
                Prefetcher batches = Prefetcher.of(
                        new BatchStream(new PackedBlocks(documents, 0, 256, 8), 1), 1, 4)) {
            TrainingListener watch = new TrainingListener() {
                @Override
                public void afterStep(TrainingLoop loop, StepReport report) {
                    reports.add(report);
                    if (report.step() % 100 == 0) {
                        System.err.printf(Locale.ROOT, "step %d loss %.4f resident %.0f MB%n",
                                report.step(), report.loss(), ResidentMemory.megabytes());
                    }
                }
            };
            new TrainingLoop(
                            new TrainingLoop.Parts(
                                    new TrainedModel(model), new NextToken(model), optimizer,
                                    new Schedule.Constant(3e-4)),
                            batches,
                            new TrainingSettings(steps, Duration.ZERO, 1, 1.0, precision),
                            List.of(watch),
                            TrainingProgress.START)
                    .run();
        }
        double[] times = reports.stream().skip(WARMUP).mapToDouble(r -> 1e3 * r.seconds()).sorted().toArray();
        System.out.printf(Locale.ROOT, "jformers %s min %.1f ms median %.1f ms loss %.4f%n",
                args[0], times[0], times[times.length / 2], reports.get(reports.size() - 1).loss());
    }
}
