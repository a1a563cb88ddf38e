package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.checkpoint.Checkpoint;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentRun;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.pipeline.TextOptions;
import org.jformers.settings.SettingsJson;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FineTuningTest {
    @TempDir
    private Path folder;
    private Path start;
    private Path run;

    @BeforeEach
    void makeTheStart() {
        start = TinyStart.bert(folder);
        run = folder.resolve("run");
    }

    private FineTuning classification() {
        Path rows = TinyStart.table(folder.resolve("rows.tsv"), "text\tlabel", 240, s -> s.text() + "\t" + s.animal());
        return quick(FineTuning.of(start.toString()).classify(rows, "text", "label"));
    }

    private static FineTuning quick(FineTuning any) {
        return any.batch(16).epochs(12).learningRate(1e-3).set("training.precision", "float32");
    }

    private static JsonNode json(Path file) throws IOException {
        return new JsonMapper().readTree(file.toFile());
    }

    @Test
    void learnsClassesAndKeepsTheirNames() throws IOException {
        ExperimentRun.Result result = classification().run(run);
        assertThat(result.headline()).isEqualTo("accuracy 100.00 % on 24 validation rows");
        assertThat(result.commands().get(0).line())
                .startsWith("./jformers run text-classification --model " + run.resolve("model"));
        assertThat(json(run.resolve("model/config.json")).get("id2label").toString())
                .isEqualTo("{\"0\":\"dog\",\"1\":\"fox\"}");
        assertThat(json(run.resolve("model/config.json")).get("architectures").toString())
                .isEqualTo("[\"BertForSequenceClassification\"]");
        assertThat(run.resolve("model/tokenizer.json")).isRegularFile();
        try (Model model = AutoModel.load(run.resolve("model"))) {
            assertThat(model.identity().architecture()).isEqualTo("BertForSequenceClassification");
        }
        assertThat(Files.readString(run.resolve("report.html"))).contains("most frequent class", "Confus",
                "probability of the expected label", "Speed, rows per second")
                .doesNotContain("FLOPs", "nats per token");
        assertThat(Files.readString(run.resolve("model/README.md"))).contains("pipeline_tag: text-classification");
        // What is stored is what was said, and runs again to the same end.
        Experiment stored = SettingsJson.load(run.resolve("experiment.json"), Experiment.class);
        assertThat(stored).isEqualTo(classification().experiment());
        Path again = folder.resolve("again");
        ExperimentRun.start(stored, again, Console.SILENT);
        assertThat(Files.readAllBytes(again.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(run.resolve("model/model.safetensors")));
    }

    @Test
    void trainsAModelOfTheSameLabelsFurther() throws IOException {
        classification().run(run);
        Path rows = folder.resolve("rows.tsv");
        FineTuning further = quick(FineTuning.of(run.resolve("model").toString()).classify(rows, "text", "label"))
                .learningRate(1e-9);
        assertThat(further.run(folder.resolve("more")).headline()).startsWith("accuracy 100.00 %");
        // Of one label alone, that model still has both.
        Path foxes = TinyStart.table(folder.resolve("foxes.tsv"), "text\tlabel", 240,
                s -> s.text() + "\t" + (s.animal().equals("fox") ? "fox" : "wolf"));
        quick(FineTuning.of(run.resolve("model").toString()).classify(foxes, "text", "label"))
                .run(folder.resolve("other"));
        assertThat(json(folder.resolve("other/model/config.json")).get("id2label").toString())
                .isEqualTo("{\"0\":\"fox\",\"1\":\"wolf\"}");
    }

    /** A fox has two labels, a dog none. */
    @Test
    void learnsSeveralLabels() throws IOException {
        Path rows = TinyStart.table(folder.resolve("rows.csv"), "text,label", 240,
                s -> s.text() + "," + (s.animal().equals("fox") ? "wild|fox" : ""));
        FineTuning several = quick(FineTuning.of(start.toString()).classify(rows, "text", "label"))
                .set("task.data.multi_label", "|");
        assertThat(several.run(run).headline()).isEqualTo("accuracy 100.00 % on 24 validation rows");
        JsonNode config = json(run.resolve("model/config.json"));
        assertThat(config.get("problem_type").textValue()).isEqualTo("multi_label_classification");
        assertThat(config.get("label2id").toString()).isEqualTo("{\"fox\":0,\"wild\":1}");
    }

    /** Whether two texts are of the same animal. */
    @Test
    void readsPairs() throws IOException {
        List<TinyStart.Sentence> second = new ArrayList<>(TinyStart.sentences(240, 2));
        Path rows = TinyStart.table(folder.resolve("rows.tsv"), "a\tb\tlabel", 240, s -> {
            TinyStart.Sentence other = second.remove(0);
            return s.text() + "\t" + other.text() + "\t" + (other.deed().equals("run") ? 1 : 0);
        });
        FineTuning pairs = quick(FineTuning.of(start.toString()).classify(rows, "a", "label"))
                .pair("b").epochs(16);
        assertThat(pairs.run(run).headline()).startsWith("accuracy 100.00 %");
        assertThat(json(run.resolve("model/config.json")).get("id2label").toString())
                .isEqualTo("{\"0\":\"0\",\"1\":\"1\"}");
        try (var model = org.jformers.pipeline.TextClassification.load(run.resolve("model"))) {
            List<String[]> lines = Files.readAllLines(rows).stream().skip(1).map(line -> line.split("\t")).toList();
            List<TextInput> inputs = lines.stream().map(line -> TextInput.pair(line[0], line[1])).toList();
            assertThat(model.classify(inputs, TextOptions.DEFAULT)).extracting(labels -> labels.get(0).label())
                    .isEqualTo(lines.stream().map(line -> line[2]).toList());
        }
    }

    @Test
    void learnsNumbers() throws IOException {
        Path rows = TinyStart.table(folder.resolve("rows.csv"), "text,label", 300,
                s -> s.text() + "," + (s.animal().equals("fox") ? 2.5 : 1) + (s.deed().equals("run") ? "" : "e0"));
        FineTuning numbers = quick(FineTuning.of(start.toString()).regress(rows, "text", "label"));
        String headline = numbers.run(run).headline();
        assertThat(Double.parseDouble(headline.split(" ")[1])).isGreaterThan(0.95);
        JsonNode config = json(run.resolve("model/config.json"));
        assertThat(config.get("problem_type").textValue()).isEqualTo("regression");
        assertThat(config.get("id2label")).hasSize(1);
    }

    @Test
    void learnsTags() throws IOException {
        List<String> lines = new ArrayList<>();
        for (TinyStart.Sentence sentence : TinyStart.sentences(200, 1)) {
            for (String word : sentence.text().split(" ")) {
                lines.add(word + "\t" + (word.equals(sentence.animal())
                        ? "B-ANIMAL" : word.startsWith(sentence.deed()) ? "I-DEED" : "O"));
            }
            lines.add("");
        }
        Path conll = TinyStart.write(folder.resolve("tags.conll"), lines);
        FineTuning tagging = quick(FineTuning.of(start.toString()).tag(conll, "1", "2"));
        assertThat(tagging.run(run).headline()).isEqualTo("f1 100.00 % on 20 validation sentences");
        assertThat(json(run.resolve("model/config.json")).get("id2label").toString())
                .isEqualTo("{\"0\":\"B-ANIMAL\",\"1\":\"I-DEED\",\"2\":\"O\"}");
    }

    @Test
    void trainsAnAdapter() throws IOException {
        classification().lora(4).learningRate(1e-2).run(run);
        List<Double> losses = losses(run);
        assertThat(losses.get(losses.size() - 1)).isLessThan(losses.get(0));
        assertThat(json(run.resolve("adapter/adapter_config.json")).get("r").intValue()).isEqualTo(4);
        assertThat(json(run.resolve("adapter/adapter_config.json")).get("base_model_name_or_path").textValue())
                .isEqualTo(start.toString());
        // The model folder has it merged: its queries differ from the start's, its keys do not.
        try (Checkpoint before = Checkpoint.open(start); Checkpoint after = Checkpoint.open(run.resolve("model"))) {
            String self = "bert.encoder.layer.0.attention.self.";
            assertThat(equal(before, after, self + "query.weight")).isFalse();
            assertThat(equal(before, after, self + "key.weight")).isTrue();
        }
    }

    @Test
    void keepsFrozenParametersAsTheyAre() {
        classification().set("model.freeze", "embeddings|layer\\.0\\.").run(run);
        try (Checkpoint before = Checkpoint.open(start); Checkpoint after = Checkpoint.open(run.resolve("model"))) {
            assertThat(equal(before, after, "bert.embeddings.word_embeddings.weight")).isTrue();
            assertThat(equal(before, after, "bert.encoder.layer.0.output.dense.weight")).isTrue();
            assertThat(equal(before, after, "bert.encoder.layer.1.output.dense.weight")).isFalse();
        }
    }

    private static boolean equal(Checkpoint before, Checkpoint after, String name) {
        Map<String, Tensor> a = before.tensors();
        Map<String, Tensor> b = after.tensors();
        return a.get(name).equal(b.get(name));
    }

    @Test
    void keepsTheBestAndStopsWhenNothingImproves() {
        FineTuning patient = classification().epochs(30).set("records.patience", "2");
        patient.run(run);
        List<MetricRow> measured = MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.EVAL)).toList();
        double best = measured.stream().mapToDouble(row -> row.values().get("accuracy")).max().orElseThrow();
        assertThat(measured).hasSizeBetween(3, 20);
        assertThat(measured.get(measured.size() - 3).values()).containsEntry("accuracy", best);
        // A complete run is measured again, and goes on no further.
        ExperimentRun.resume(run, Console.SILENT);
        assertThat(MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.EVAL))).hasSameSizeAs(measured);
    }

    @Test
    void weighsRareClasses() {
        List<String> lines = new ArrayList<>(List.of("text,label"));
        TinyStart.sentences(400, 1).stream()
                .filter(s -> s.animal().equals("fox") || s.text().hashCode() % 8 == 0)
                .forEach(s -> lines.add(s.text() + "," + s.animal()));
        Path rows = TinyStart.write(folder.resolve("rows.csv"), lines);
        FineTuning rare = quick(FineTuning.of(start.toString()).classify(rows, "text", "label"))
                .set("task.measure", "f1");
        List<String> said = new ArrayList<>();
        rare.set("task.class_weights", "balanced").run(run, Consoles.saying(said));
        rare.set("task.class_weights", "dog=4, fox=1").run(folder.resolve("named"));
        assertThat(losses(run)).isNotEqualTo(losses(folder.resolve("named")));
        assertThatThrownBy(() -> rare.set("task.class_weights", "cat=2").run(folder.resolve("none")))
                .hasMessageContaining("task.class_weights: label \"cat\" is unknown, allowed: dog, fox");
        assertThatThrownBy(() -> rare.set("task.class_weights", "dog").run(folder.resolve("none")))
                .hasMessageStartingWith("task.class_weights: got dog, allowed null, balanced, or weights > 0");
    }

    private static List<Double> losses(Path run) {
        return MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> !row.split().equals(MetricRow.NORMS))
                .map(row -> row.values().get(MetricRow.LOSS)).toList();
    }

    @Test
    void trainsLayersAtRatesOfTheirOwn() {
        List<String> said = new ArrayList<>();
        classification().epochs(1).set("optimizer.layer_decay", "0.5").set("optimizer.head_rate", "10")
                .run(run, Consoles.saying(said));
        assertThat(said.stream().filter(line -> line.contains("rate x")).map(line ->
                line.replaceFirst(".*rate x ([0-9.]+),.*", "$1"))).contains("0.1250", "0.2500", "0.5000", "10.00");
    }

    @Test
    void plansWithoutATrace() throws IOException {
        List<String> said = new ArrayList<>();
        Path before = folder.resolve("rows.tsv");
        ExperimentRun.plan(classification().experiment(), Consoles.saying(said));
        assertThat(said).anyMatch(line -> line.startsWith("216 rows to train on, 24 to validate on, held out"))
                .anyMatch(line -> line.startsWith("labels: dog ("))
                .anyMatch(line -> line.startsWith("rows of "))
                .anyMatch(line -> line.startsWith("168 steps, 14 an epoch"))
                .anyMatch(line -> line.matches("about [0-9.]+ s a step, .* MB in memory.*"));
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(before, start);
        }
    }

    /** What is left out is counted in each file. */
    @Test
    void saysWhatWasLeftOut() {
        List<String> said = new ArrayList<>();
        Path rows = TinyStart.table(folder.resolve("r.csv"), "text,label", 100,
                s -> (s.text().hashCode() % 10 == 0 ? "" : s.text()) + "," + s.animal());
        Path dev = TinyStart.write(folder.resolve("dev.csv"), List.of("text,label", "a fox,fox", "a dog,", ",fox"));
        quick(FineTuning.of(start.toString()).classify(rows, "text", "label")).validation(dev).epochs(1)
                .run(run, Consoles.saying(said));
        assertThat(said).anyMatch(line -> line.matches("left out of the training rows: \\d+ without text"))
                .contains("left out of the validation rows: 1 without label, 1 without text");
    }

    /** Also of the rows that are measured. */
    @Test
    void saysWhatWasCut() {
        List<String> said = new ArrayList<>();
        Path dev = TinyStart.write(folder.resolve("dev.tsv"),
                List.of("text\tlabel", "the old lazy fox and the old lazy dog\tfox", "a dog\tdog"));
        classification().validation(dev).epochs(1).set("task.max_length", "6").run(run, Consoles.saying(said));
        assertThat(said).contains("1 of the validation rows cut to 6 tokens")
                .anyMatch(line -> line.matches("rows of \\d+ to 6 tokens, .*; [1-9]\\d* cut to 6 tokens"));
    }

    /** Correlations with a constant are undefined: such a run ends as any other. */
    @Test
    void endsWhereTheFigureIsUndefined() throws IOException {
        Path rows = TinyStart.table(folder.resolve("rows.csv"), "text,label", 60, s -> s.text() + ",1.5");
        quick(FineTuning.of(start.toString()).regress(rows, "text", "label")).epochs(1).run(run);
        assertThat(run.resolve("model/config.json")).isRegularFile();
        assertThat(Files.readString(run.resolve("report.html"))).contains("pearson");
    }

    /** Two optimizers, an average, states in bfloat16, and a rate that falls. */
    private static FineTuning composed(FineTuning tuning) {
        return tuning.set("optimizer.kind", "lion").set("optimizer.beta2", "0.99").set("optimizer.average", "0.9")
                .set("optimizer.states", "bfloat16")
                .set("optimizer.parts", """
                        [{"pattern": "embeddings", "kind": "adafactor", "beta1": 0, "beta2": 0, "epsilon": 1,
                          "weight_decay": 0, "rate": 0.5}]""")
                .set("schedule.kind", "warmup_stable_decay").set("schedule.final_share", "0.1")
                .set("schedule.plateau", "{\"window\": 1, \"decay\": 0.5, \"least\": 0.1, \"tolerance\": 0.5}")
                .set("records.validate_every", "3").set("records.model", "last");
    }

    @Test
    void trainsPartsByOptimizersOfTheirOwn() {
        List<String> said = new ArrayList<>();
        composed(classification()).epochs(1).set("records.log_every", "1").run(run, Consoles.saying(said));
        assertThat(said).contains("kept the average of the parameters")
                .anyMatch(line -> line.matches(".* values in 5 parameters, rate x 0\\.5.*"));
        assertThat(rate(run, 6)).isEqualTo(rate(run, 3) / 2); // after step 6 there was no gain of 0.5 since step 3
    }

    /** Each parameter is matched once. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            zzz   | zzz     | optimizer.parts: got pattern zzz, which finds none of the names, allowed for example
            query | layer.0 | optimizer.parts: got query and layer.0, which both find bert.encoder.layer.0.attention
            [     | layer   | optimizer.parts.pattern:
            """)
    void refusesPartsThatDoNotFit(String one, String other, String message) {
        String part = "{\"pattern\": \"%s\", \"kind\": \"sgd\", \"beta1\": 0, \"beta2\": 0, \"epsilon\": 1,"
                + " \"weight_decay\": 0, \"rate\": 1}";
        FineTuning wrong = classification().set("optimizer.parts",
                "[" + part.formatted(one) + ", " + part.formatted(other) + "]");
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    private static double rate(Path run, int row) {
        return MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(each -> each.split().equals(MetricRow.TRAIN)).toList()
                .get(row).values().get(MetricRow.LEARNING_RATE);
    }

    @Test
    void goesOnBitForBit() throws IOException {
        for (String kind : List.of("plain", "lora", "frozen", "parts")) {
            FineTuning tuning = classification().epochs(2).set("records.checkpoint_every", "5")
                    .set("training.accumulation", "2").set("records.log_every", "1")
                    .set("model.config", "{\"hidden_dropout_prob\": 0.1}");
            tuning = kind.equals("lora") ? tuning.lora(2)
                    : kind.equals("frozen") ? tuning.set("model.freeze", "embeddings")
                    : kind.equals("parts") ? composed(tuning) : tuning;
            Path straight = folder.resolve(kind);
            Path stopped = folder.resolve(kind + "-stopped");
            tuning.run(straight);
            FineTuning same = tuning;
            assertThatThrownBy(() -> same.run(stopped, Consoles.stoppingAt(8))).hasMessage("stopped");
            ExperimentRun.resume(stopped, Console.SILENT);
            assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors"))).as(kind)
                    .isEqualTo(Files.readAllBytes(straight.resolve("model/model.safetensors")));
            assertThat(losses(stopped)).isEqualTo(losses(straight));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.data.train=none.csv         | none.csv: no such file
            task.data.text=txt               | no column "txt", there are: text, label
            task.data.label=klass            | no column "klass", there are: text, label
            task.data.train=null             | task.data.train: got null, a name is needed
            task.batch=0                     | task.batch: got 0, allowed >= 1
            task.max_length=99               | task.max_length: got 99, allowed up to 48, which the model can read
            model.freeze=nothing.like.it     | model.freeze: got nothing.like.it, which finds none of the names
            model.freeze=[                   | model.freeze:
            model.freeze=.                   | which leaves nothing to train
            model.from=null                  | model.from: got null, allowed a model to start from
            optimizer.layer_decay=0          | optimizer.layer_decay: got 0.0, allowed in (0, 1]
            optimizer.head_rate=0            | optimizer.head_rate: got 0.0, allowed > 0
            optimizer.average=1              | average: got a decay of 1.0, allowed [0, 1)
            schedule.cycles=0                | schedule.cycles: got 0, allowed >= 1
            schedule.final_share=2           | schedule.final_share: got 2.0, allowed in [0, 1]
            schedule.decay_ratio=0           | schedule.decay_ratio: got 0.0, allowed in (0, 1]
            schedule.warmup_ratio=1          | schedule.warmup_ratio: got 1.0, allowed in [0, 1)
            records.patience=-1              | records.patience: got -1, allowed >= 0
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = classification().set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            text,label;a fox,x;a dog,x                 |                       | has one class only, "x" in all 2 rows
            text,label;a fox,x;a dog,y                 | text,label;the fox,z  | label "z" is unknown, allowed: x, y
            text,label;,x;,y                           |                       | no usable rows: all 2 have a blank text
            text,label                                 |                       | no rows
            text,label;a fox,x;a dog,y                 | text,label            | no rows
            """)
    void refusesRowsThatDoNotFit(String rows, String validation, String message) {
        Path train = TinyStart.write(folder.resolve("t.csv"), List.of(rows.split(";")));
        FineTuning wrong = quick(FineTuning.of(start.toString()).classify(train, "text", "label"));
        FineTuning all = validation == null
                ? wrong
                : wrong.validation(TinyStart.write(folder.resolve("v.csv"), List.of(validation.split(";"))));
        assertThatThrownBy(() -> all.run(run)).isInstanceOf(JformersException.class).hasMessageContaining(message)
                .message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    @Test
    void refusesNumbersAndTagsThatDoNotFit() throws IOException {
        Path rows = TinyStart.write(folder.resolve("t.csv"), List.of("text,label", "a fox,1.5", "a dog,many"));
        assertThatThrownBy(() -> FineTuning.of(start.toString()).regress(rows, "text", "label").run(run))
                .isInstanceOf(JformersException.class).hasMessageContaining("row 2").hasMessageContaining("many");
        Path tags = TinyStart.write(folder.resolve("t.jsonl"), List.of(
                "{\"words\": [\"a\", \"fox\"], \"tags\": [\"O\"]}"));
        assertThatThrownBy(() -> FineTuning.of(start.toString()).tag(tags, "words", "tags").run(run))
                .hasMessageContaining("row 1: got 2 words and 1 tags, allowed: one tag for each word");
        Files.delete(start.resolve("tokenizer.json"));
        assertThatThrownBy(() -> classification().run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining("tokenizer.json");
    }
}
