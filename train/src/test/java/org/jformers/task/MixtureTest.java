package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jformers.JformersException;
import org.jformers.data.Batch;
import org.jformers.data.MixedExamples;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentRun;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.nn.Parameter;
import org.jformers.objective.MixedObjective;
import org.jformers.objective.NextToken;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Several tasks learn in one run. */
final class MixtureTest {
    @TempDir
    private Path folder;
    private Path run;
    private String text;
    private String table;

    @BeforeEach
    void writeRows() {
        run = folder.resolve("run");
        text = TinyWriter.lines(folder.resolve("text.txt"), 240, TinyStart.Sentence::text).toString();
        table = TinyStart.table(folder.resolve("rows.tsv"), "text\tanimal\tdeed", 240,
                row -> row.text() + "\t" + row.animal() + "\t" + row.deed()).toString();
    }

    private FineTuning tuning(Path model, String parts) {
        return FineTuning.of(model.toString()).task(new Mixture.Type()).epochs(6).learningRate(5e-3)
                .set("training.precision", "float32")
                .set("task.parts", parts.replace("TEXT", text).replace("TABLE", table).replace('\'', '"'));
    }

    /** @param more settings of the first task, each with a comma before it */
    private FineTuning threeHeads(String more) {
        return tuning(TinyStart.bert(folder), """
                {'gaps': {'task': {'type': 'masked-lm', 'data': {'train': 'TEXT'}, 'batch': 16}, 'weight': 1MORE},
                 'animal': {'task': {'type': 'text-classification', 'batch': 16,
                    'data': {'train': 'TABLE', 'text': 'text', 'label': 'animal'}}, 'weight': 2},
                 'deed': {'task': {'type': 'text-classification', 'batch': 16,
                    'data': {'train': 'TABLE', 'text': 'text', 'label': 'deed'}}, 'weight': 1}}"""
                .replace("MORE", more));
    }

    @Test
    void headsOfTheirOwnStandOnOneBody() {
        assertThat(threeHeads("").run(run).headline())
                .matches("gaps: accuracy .*; animal: accuracy .*; deed: accuracy .*");
        List<MetricRow> log = MetricLog.read(run.resolve("metrics.jsonl"));
        Map<String, Double> last = log.stream().filter(row -> row.split().equals(MetricRow.EVAL))
                .map(MetricRow::values).reduce((first, second) -> second).orElseThrow();
        assertThat(last.get("animal.accuracy")).isGreaterThan(0.9);
        assertThat(last.get("animal.labels")).isBetween(1.5 * last.get("deed.labels"), 2.7 * last.get("deed.labels"));
        assertThat(log.stream().filter(row -> row.split().equals(MetricRow.TRAIN))
                .flatMap(row -> row.values().keySet().stream())).contains("gaps.loss", "animal.loss", "deed.loss");
        try (Model gaps = AutoModel.load(run.resolve("model"));
                Model animal = AutoModel.load(run.resolve("model/animal"));
                Model deed = AutoModel.load(run.resolve("model/deed"))) {
            assertThat(gaps.identity().architecture()).isEqualTo("BertForMaskedLM");
            assertThat(animal.identity().architecture()).isEqualTo("BertForSequenceClassification");
            assertThat(values(animal, "body.blocks.1.attention")).isEqualTo(values(gaps, "body.blocks.1.attention"))
                    .isEqualTo(values(deed, "body.blocks.1.attention"));
            assertThat(values(animal, "head.")).isNotEqualTo(values(deed, "head."));
        }
    }

    /** The sums of the parameters whose names begin so. */
    private static List<Double> values(Model model, String prefix) {
        return Scopes.get(() -> model.network().tensors().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(prefix))
                .map(entry -> entry.getValue().sum().item_double()).toList());
    }

    @Test
    void goesOnBitForBit() throws IOException {
        FineTuning same = threeHeads(", 'last_weight': 3").epochs(1)
                .set("records.checkpoint_every", "3").set("records.log_every", "1")
                .set("training.accumulation", "2").set("task.mixing", "linear").set("task.over", "20")
                .set("model.config", "{\"hidden_dropout_prob\": 0.1}");
        Path stopped = folder.resolve("stopped");
        same.run(run);
        assertThatThrownBy(() -> same.run(stopped, Consoles.stoppingAt(8))).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        for (String file : List.of("model/model.safetensors", "model/animal/model.safetensors",
                "model/deed/model.safetensors")) {
            assertThat(Files.readAllBytes(stopped.resolve(file))).isEqualTo(Files.readAllBytes(run.resolve(file)));
        }
        assertThat(labels(stopped)).isEqualTo(labels(run));
    }

    private static List<Double> labels(Path of) {
        Map<String, Double> last = MetricLog.read(of.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.EVAL))
                .map(MetricRow::values).reduce((first, second) -> second).orElseThrow();
        return List.of(last.get("gaps.labels"), last.get("animal.labels"), last.get("deed.labels"));
    }

    /** A text-to-text model has one head for all. */
    @Test
    void textToTextTasksShareAll() {
        Path model = TinyWriter.encoderDecoder(folder, "bart");
        assertThat(tuning(model, """
                {'noise': {'task': {'type': 'denoising', 'noise': 'deletion', 'batch': 16, 'max_length': 32,
                    'data': {'train': 'TEXT'}}},
                 'animal': {'task': {'type': 'sequence-to-sequence', 'data': {'train': 'TABLE', 'source_column': 'text',
                    'target_column': 'animal', 'prefix': 'animal: '}, 'batches': {'max_source_length': 39,
                    'max_target_length': 12}, 'evaluation': {'generated_rows': 4}}}}""")
                .set("training.accumulation", "2").epochs(1).run(run).headline()).contains("noise: ", "animal: ");
        assertThat(run.resolve("model/animal")).doesNotExist();
    }

    /** What a task may not move has no gradient of its batches, and keeps its value where no other moves it. */
    @Test
    void movesWhatItMayAlone() {
        Path start = TinyStart.bert(folder);
        tuning(start, """
                {'gaps': {'task': {'type': 'masked-lm', 'data': {'train': 'TEXT'}, 'batch': 16}, 'moves': 'layer.1'},
                 'animal': {'task': {'type': 'text-classification', 'batch': 16,
                    'data': {'train': 'TABLE', 'text': 'text', 'label': 'animal'}}, 'moves': 'classifier|pooler'}}""")
                .epochs(1).run(run);
        try (Model before = AutoModel.load(start); Model after = AutoModel.load(run.resolve("model"))) {
            assertThat(values(after, "body.blocks.0")).isEqualTo(values(before, "body.blocks.0"));
            assertThat(values(after, "body.input")).isEqualTo(values(before, "body.input"));
            assertThat(values(after, "head")).isEqualTo(values(before, "head"));
            assertThat(values(after, "body.blocks.1")).isNotEqualTo(values(before, "body.blocks.1"));
        }
    }

    /** Two batches of two tasks in a step are one batch of both: losses and gradients are the same. */
    @Test
    void aMixedStepIsAMixedBatch() {
        try (Model model = AutoModel.load(TinyWriter.llama(folder))) {
            NextToken next = new NextToken(model);
            Batch longer = batch(8, 3);
            Batch shorter = batch(8, 1);
            Batch both = batch(8, 4);
            MixedObjective mixed = new MixedObjective(List.of(
                    new MixedObjective.Part("a", next, java.util.Set.of()),
                    new MixedObjective.Part("b", next, java.util.Set.of())), MixedObjective.Counting.LABELS,
                    model.network().parameters().values());
            List<Batch> step = List.of(MixedExamples.of(0, longer), MixedExamples.of(1, shorter));
            Scopes.run(() -> {
                double sum = 0;
                for (Batch one : step) {
                    Loss.Term term = mixed.loss(one).terms().get(0);
                    double count = step.stream().mapToDouble(other -> mixed.count(other, term.name())).sum();
                    term.sum().div(new org.bytedeco.pytorch.Scalar(count)).backward();
                    sum += term.sum().item_double() / count;
                }
                float[] gradient = gradient(model);
                Loss joint = next.loss(both);
                joint.main().div(new org.bytedeco.pytorch.Scalar((double) both.labels())).backward();
                assertThat(sum).isCloseTo(joint.main().item_double() / both.labels(), within(1e-6));
                assertThat(gradient).containsExactly(gradient(model), within(1e-6f));
            });
            assertThat(mixed.labels(0)).isEqualTo(longer.labels());
        }
    }

    private static float[] gradient(Model model) {
        Parameter table = model.network().parameters().get("body.input.tokens.weight");
        float[] values = Tensors.toFloats(table.tensor().grad());
        model.network().parameters().values().forEach(parameter -> parameter.tensor().mutable_grad().reset());
        return values;
    }

    /** Rows of tokens, each begun by its number. */
    private static Batch batch(int length, int rows) {
        long[] ids = new long[rows * length];
        int offset = rows == 1 ? 3 : 0; // the last row of four is the only one of the shorter batch
        for (int i = 0; i < ids.length; i++) {
            ids[i] = 10 + (i / length + offset) * 7 + i % length;
        }
        return new Batch(Map.of("input_ids", new Batch.Longs(ids, rows, length), "labels",
                new Batch.Longs(ids, rows, length)), rows, (long) rows * (length - 1), 1);
    }

    /** What would make no difference is no setting. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            constant    | 5 | ''                  | task.over: got 5 for mixing constant, allowed 0
            linear      | 0 | , 'last_weight': 3  | task.over: got 0 for mixing linear, allowed the batches on the way
            linear      | 5 | ''                  | task.parts: got no last_weight for mixing linear
            sequential  | 5 | , 'last_weight': 3  | task.parts: got a last_weight for mixing sequential
            round_robin | 0 | ''                  | task.mixing: got round_robin with weights
            """)
    void refusesWaysThatLeadNowhere(String mixing, int over, String more, String message) {
        FineTuning wrong = threeHeads(more).set("task.mixing", mixing).set("task.over", Integer.toString(over));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                           | task.parts: got [], allowed two tasks
            {'a': {'weight': 1}}                                         | task.parts.a: got no task
            {'a': {'task': {'type': 'nonsense'}}}                        | task: got nonsense
            {'a': {'task': {'type': 'masked-lm', 'bach': 1}}}            | bach
            {'a': {'task': {'type': 'masked-lm'}, 'often': 2}}           | task.parts.a: got often, allowed
            {'a': {'task': {'type': 'masked-lm'}, 'weight': 0}}          | task.parts.a.weight: got 0, allowed a number
            {'a': {'task': {'type': 'masked-lm'}, 'moves': '('}}         | task.parts.a.moves: Unclosed group
            {'a': {'task': {'type': 'masked-lm'}, 'moves': 5}}           | task.parts.a.moves: got 5, allowed a regular
            {'a': {'task': {'type': 'mixture'}}}                         | task.parts.a.task.type: got a mixture
            {'a': {'task': {'type': 'masked-lm'}}, 'b': {'task': {'type': 'masked-lm'}}} | task.parts.a: task.data.train
            """)
    void refusesWhatDoesNotFit(String parts, String message) {
        FineTuning wrong = tuning(TinyStart.bert(folder), parts);
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class).hasMessageContaining(message);
        assertThat(run).doesNotExist();
    }
}
