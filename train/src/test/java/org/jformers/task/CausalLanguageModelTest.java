package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jformers.JformersException;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentRun;
import org.jformers.pipeline.TextGeneration;
import org.jformers.settings.SettingsJson;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A decoder goes on to learn the next token of plain text. */
final class CausalLanguageModelTest {
    @TempDir
    private Path folder;

    private FineTuning tuning() {
        Path text = TinyWriter.lines(folder.resolve("text.txt"), 240, TinyStart.Sentence::text);
        return TinyWriter.quick(FineTuning.of(TinyWriter.llama(folder).toString()).write(text));
    }

    private static List<Map<String, Double>> measured(Path run) {
        return MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.EVAL)).map(MetricRow::values).toList();
    }

    @ParameterizedTest
    @CsvSource({"documents", "stream"})
    void learnsHowTextsGoOn(String packing) {
        Path run = folder.resolve("run");
        List<String> said = new ArrayList<>();
        String headline = tuning().set("task.packing", packing).run(run, Consoles.saying(said)).headline();
        assertThat(headline).matches("[0-9.]+ bits per byte on 24 held-out texts, before training [0-9.]+");
        assertThat(run.resolve("report.json")).content().contains("\"samples\":[{").contains(headline);
        List<Map<String, Double>> trained = MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.TRAIN)).map(MetricRow::values).toList();
        assertThat(trained).allSatisfy(values -> {
            assertThat(values.get("processor_load")).isBetween(0.0, 1.0);
            assertThat(values.get("data_idle_share")).isBetween(0.0, 1.0);
        });
        assertThat(trained).extracting(values -> values.get("tokens")).isSorted().doesNotHaveDuplicates();
        double bits = Double.parseDouble(headline.split(" ")[0]);
        assertThat(bits).isLessThan(0.75 * Double.parseDouble(headline.replaceFirst(".* ", "")));
        assertThat(said).anyMatch(line -> line.startsWith(
                "216 rows to train on, 24 to validate on, the result is measured on them too"));
        List<Map<String, Double>> figures = measured(run);
        Map<String, Double> last = figures.get(figures.size() - 1);
        assertThat(last).containsKeys("loss", "accuracy", "bits_per_byte", "byte_perplexity", "word_perplexity");
        assertThat(last.get("byte_perplexity")).isCloseTo(Math.pow(2, last.get("bits_per_byte")), within(1e-9));
        // The best epoch is kept, and what is saved is what is measured.
        double best = figures.stream().mapToDouble(row -> row.get("bits_per_byte")).min().orElseThrow();
        assertThat(bits).isCloseTo(best, within(5e-5));
        assertThat(TinyWriter.read(run.resolve("report.html"))).contains("before training", "perplexity by word");
        Path model = run.resolve("model");
        assertThat(model.resolve("chat_template.jinja")).hasContent(TinyWriter.CHAT_ML);
        assertThat(TinyWriter.read(model.resolve("generation_config.json"))).contains("eos_token_id");
        try (TextGeneration generation = TextGeneration.load(model)) {
            assertThat(generation.generate("the old").text()).isNotBlank();
        }
    }

    /** Whatever the rows are cut to, every token is predicted once; what is longer than a row has less before it. */
    @Test
    void packsWithoutWaste() {
        List<String> said = new ArrayList<>();
        tuning().epochs(1).set("task.max_length", "4").run(folder.resolve("run"), Consoles.saying(said));
        String packed = said.stream().filter(line -> line.contains(" pieces of ")).findFirst().orElseThrow();
        assertThat(packed).matches("[0-9]+ rows of 4 tokens, in which [0-9]+ pieces of 216 texts stand");
        int rows = Integer.parseInt(packed.split(" ")[0]);
        int tokens = Integer.parseInt(said.stream().filter(line -> line.contains(" tokens to train on")).findFirst()
                .orElseThrow().replaceFirst(".*, ([0-9,]+) tokens to train on", "$1").replace(",", ""));
        assertThat(rows * 4).isBetween(tokens + 216, (int) (1.05 * (tokens + 216)));
    }

    private FineTuning remembering() {
        Path text = TinyWriter.lines(folder.resolve("text.txt"), 240, TinyStart.Sentence::text);
        return TinyWriter.quick(FineTuning.of(TinyWriter.transfoXl(folder).toString()).write(text)).batch(4)
                .set("task.max_length", "16").set("task.packing", "stream").set("task.memory", "24");
    }

    /** A memory goes on from batch to batch, in training as where the run is measured. */
    @Test
    void remembersWhatStoodBefore() {
        Path run = folder.resolve("run");
        String headline = remembering().run(run).headline();
        double bits = Double.parseDouble(headline.split(" ")[0]);
        assertThat(bits).isLessThan(0.75 * Double.parseDouble(headline.replaceFirst(".* ", "")));
        assertThat(TinyWriter.read(run.resolve("report.json"))).contains("with a memory of 24 tokens");
        assertThat(bits).isCloseTo(measured(run).stream().mapToDouble(row -> row.get("bits_per_byte")).min()
                .orElseThrow(), within(5e-5));
    }

    @Test
    void goesOnBitForBitWithItsMemory() throws IOException {
        goesOnBitForBit(remembering());
        assertThat(folder.resolve("stopped/checkpoints")).isDirectoryRecursivelyContaining("glob:**memory.safetensors");
    }

    /** Stopped in the middle of an epoch, steps of two batches. */
    private void goesOnBitForBit(FineTuning tuning) throws IOException {
        FineTuning same = tuning.epochs(2).set("records.checkpoint_every", "3").set("records.log_every", "1")
                .set("training.accumulation", "2");
        Path run = folder.resolve("run");
        Path stopped = folder.resolve("stopped");
        same.run(run);
        assertThatThrownBy(() -> same.run(stopped, Consoles.stoppingAt(5))).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(run.resolve("model/model.safetensors")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.memory=-1               | task.memory: got -1, allowed >= 0
            task.packing=documents       | task.memory: got 24 with packing documents, which do not go on
            training.label_smoothing=0.1 | training.label_smoothing: got 0.1 with a memory, allowed 0, or task.memory 0
            """)
    void refusesMemoriesThatDoNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = remembering().set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(folder.resolve("run"))).isInstanceOf(JformersException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> tuning().set("task.packing", "stream").set("task.memory", "8")
                .run(folder.resolve("run"))).isInstanceOf(JformersException.class)
                .hasMessage("memory: got LlamaForCausalLM, allowed models that read segment by segment"
                        + " (Transformer-XL, XLNet)");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    private FineTuning prefixed() {
        return tuning().set("task.max_length", "16").set("task.packing", "stream").set("task.prefix", "random");
    }

    @Test
    void learnsWhatFollowsAPrefix() {
        Path run = folder.resolve("run");
        String headline = prefixed().run(run).headline();
        double bits = Double.parseDouble(headline.split(" ")[0]);
        assertThat(bits).isLessThan(0.75 * Double.parseDouble(headline.replaceFirst(".* ", "")));
        assertThat(TinyWriter.read(run.resolve("report.json"))).contains("behind a random prefix");
    }

    @Test
    void goesOnBitForBitWithPrefixes() throws IOException {
        goesOnBitForBit(prefixed().batch(4));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.packing=documents | task.prefix: got random with packing documents, allowed none
            task.memory=8          | task.prefix: got random with a memory, allowed none, or task.memory 0
            """)
    void refusesPrefixesThatDoNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = prefixed().set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(folder.resolve("run"))).isInstanceOf(JformersException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> remembering().set("task.memory", "0").set("task.prefix", "random")
                .run(folder.resolve("run"))).isInstanceOf(JformersException.class)
                .hasMessage("task.prefix: got random for TransfoXLLMHeadModel, which cannot see a prefix from both"
                        + " sides, allowed none");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void readsFilesParagraphsAndTables() throws IOException {
        Path texts = Files.createDirectory(folder.resolve("texts"));
        for (int i = 0; i < 12; i++) {
            TinyStart.write(texts.resolve("b" + i + ".txt"), List.of("the old fox " + i, "", "sleeps"));
        }
        Path start = TinyWriter.llama(folder);
        assertThat(said(FineTuning.of(start.toString()).write(texts).set("task.data.document", "file")))
                .anyMatch(line -> line.startsWith("11 rows to train on, 1 to validate on"));
        assertThat(said(FineTuning.of(start.toString()).write(texts).set("task.data.document", "paragraph")
                .set("task.data.validation_rows", "2").set("task.data.test_rows", "3")))
                .anyMatch(line -> line.matches(
                        "\\d+ rows to train on, \\d+ to validate on, \\d+ held out.*without text: 0"));
        Path table = TinyStart.table(folder.resolve("t.csv"), "body,label", 40,
                s -> (s.text().hashCode() % 7 == 0 ? "" : s.text()) + "," + s.animal());
        Path dev = TinyStart.write(folder.resolve("dev.csv"), List.of("body,label", "the fox,x", ",y"));
        assertThat(said(FineTuning.of(start.toString()).write(table).validation(dev).set("task.data.text", "body")))
                .anyMatch(line -> line.matches("\\d+ rows to train on, 1 to validate on, .*without text: [1-9]\\d*,"
                        + " 1 of validation"));
    }

    private static List<String> said(FineTuning tuning) {
        List<String> said = new ArrayList<>();
        ExperimentRun.plan(TinyWriter.quick(tuning).experiment(), Consoles.saying(said));
        return said;
    }

    @Test
    void writesAnExperimentThatRunsAgain() {
        FineTuning tuning = tuning().epochs(1);
        tuning.run(folder.resolve("run"));
        assertThat(SettingsJson.load(folder.resolve("run/experiment.json"), Experiment.class))
                .isEqualTo(tuning.experiment());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.data.train=none.txt     | none.txt: no such file
            task.data.text=body          | no column "body", there are: text
            task.data.train=null         | task.data.train: got null, a name is needed
            task.data.validation_rows=-1 | task.data.validation_rows: got -1, allowed >= 0
            task.data.validation_rows=240 | leave nothing to train on
            task.vocab_size=300          | task.vocab_size: got 300 with a model to start from, whose tokenizer stays
            task.max_length=65           | task.max_length: got 65, allowed up to 64, which the model can read
            task.batch=0                 | task.batch: got 0, allowed >= 1
            model.from=null              | task.vocab_size: got 0, allowed >= 257
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = tuning().set(assignment.substring(0, equals), assignment.substring(equals + 1));
        Path run = folder.resolve("run");
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    @Test
    void refusesEmptyFilesAndEncoders() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.txt"));
        assertThatThrownBy(() -> tuning().set("task.data.train", empty.toString()).run(folder.resolve("run")))
                .hasMessage(empty + ": the file is empty");
        Path encoder = TinyStart.bert(folder);
        Path text = folder.resolve("text.txt");
        assertThatThrownBy(() -> FineTuning.of(encoder.toString()).write(text).run(folder.resolve("run")))
                .isInstanceOf(JformersException.class)
                .hasMessageStartingWith("model.from: got an encoder (BertLMHeadModel), which sees both sides");
        Path beside = folder.resolve("beside.txt");
        Files.copy(text, beside);
        assertThatThrownBy(() -> tuning().validation(beside).set("task.data.validation_rows", "3")
                .run(folder.resolve("run")))
                .hasMessage("task.data.validation_rows: got 3 beside the file " + beside
                        + " of task.data.validation, allowed 0");
        assertThat(folder.resolve("run")).doesNotExist();
    }
}
