package org.jformers.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.jformers.data.Batch;
import org.jformers.data.DataSource;
import org.jformers.data.EncodedTexts;
import org.jformers.data.RowEncoding;
import org.jformers.data.Table;
import org.jformers.data.TextTuples;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.head.SentencePooling;
import org.jformers.objective.SentenceLoss;
import org.jformers.objective.SentenceSimilarity;
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
 * Trains an encoder on pairs of texts with in-batch negatives, 32 pairs a step, through the real loop, and prints
 * milliseconds per step. bench/embedding.sh runs it beside sentence-transformers.
 *
 * <p>Arguments: {@code prepare TABLE FIRST SECOND STEPS FILE} writes pairs of the table's columns, {@code PRECISION
 * MODEL FILE} trains on them in their order.
 */
public final class EmbeddingTraining {
    private static final int BATCH = 32;
    private static final int WARMUP = 5;
    private static final int LONGEST = 256;

    private EmbeddingTraining() {}

    public static void main(String[] args) throws IOException {
        if (args[0].equals("prepare")) {
            write(Table.read(DataSource.of(Path.of(args[1])), args[2], args[3]), Integer.parseInt(args[4]),
                    Path.of(args[5]));
        } else {
            train(Precision.valueOf(args[0].toUpperCase(Locale.ROOT)), Path.of(args[1]), Path.of(args[2]));
        }
    }

    /** Draws rows, none twice; a line has two texts with a tab between. */
    private static void write(Table table, int steps, Path file) throws IOException {
        List<Integer> order = new ArrayList<>(IntStream.range(0, table.size()).boxed().toList());
        Collections.shuffle(order, new Random(1));
        List<List<String>> columns = List.copyOf(table.columns().values());
        Files.write(file, order.subList(0, steps * BATCH).stream()
                .map(row -> plain(columns.get(0).get(row)) + "\t" + plain(columns.get(1).get(row)))
                .toList());
    }

    private static String plain(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    private static void train(Precision precision, Path folder, Path file) throws IOException {
        List<String> texts = new ArrayList<>();
        Files.readAllLines(file).forEach(line -> texts.addAll(List.of(line.split("\t"))));
        RowEncoding encoding = RowEncoding.of(AutoTokenizer.load(folder), LONGEST, true);
        TextTuples pairs = TextTuples.of(EncodedTexts.of(texts, encoding, BATCH),
                IntStream.range(0, texts.size() / 2).mapToObj(i -> new int[] {2 * i, 2 * i + 1}).toArray(int[][]::new),
                TextTuples.Meeting.ANY, BATCH);
        List<Batch> batches = new ArrayList<>();
        pairs.evaluationBatches().forEach(batches::add);
        int steps = batches.size();
        List<StepReport> reports = new ArrayList<>();
        List<Long> processor = new ArrayList<>();
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        try (Model model = AutoModel.load(folder, LoadRequest.of(Task.BASE)).model();
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
                                    new TrainedModel(model),
                                    new SentenceSimilarity(
                                            model, new SentencePooling(SentencePooling.Kind.MEAN, true),
                                            new SentenceLoss.InBatchNegatives(20)),
                                    optimizer, new Schedule.Linear(5e-5, steps / 10, steps)),
                            batches.iterator(), new TrainingSettings(steps, Duration.ZERO, 1, 1.0, precision),
                            List.of(watch), TrainingProgress.START)
                    .run();
        }
        double[] times = reports.stream().skip(WARMUP).mapToDouble(r -> 1e3 * r.seconds()).sorted().toArray();
        System.out.printf(Locale.ROOT, "jformers %s mean %.1f ms median %.1f ms processor %.1f ms loss %.4f%n",
                precision.name().toLowerCase(Locale.ROOT), Arrays.stream(times).average().orElseThrow(),
                times[times.length / 2], (processor.get(steps - 1) - processor.get(WARMUP - 1)) / 1e6 / times.length,
                reports.stream().skip(steps / 2).mapToDouble(StepReport::loss).average().orElseThrow());
    }
}
