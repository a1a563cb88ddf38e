package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jformers.JformersException;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentRun;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A decoder learns classes, and the texts beside them. */
final class AuxiliaryLanguageTest {
    private static final String GPT2 = """
            {"model_type": "gpt2", "vocab_size": 25, "n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 48,
             "pad_token_id": 0, "bos_token_id": 0, "eos_token_id": 0, "tie_word_embeddings": %s}""";

    @TempDir
    private Path folder;
    private Path run;

    @BeforeEach
    void makeTheFolder() {
        run = folder.resolve("run");
    }

    private FineTuning tuning(String tied) throws JsonProcessingException {
        Path gpt = folder.resolve("gpt");
        try (Model model = AutoModel.create(
                AutoConfig.parse(new JsonMapper().readTree(GPT2.formatted(tied)), "test"), Task.CAUSAL_LM, 3)) {
            model.save(gpt);
        }
        AutoTokenizer.load(TinyStart.bert(folder)).save(gpt);
        return of(gpt);
    }

    private FineTuning of(Path start) {
        Path rows = TinyStart.table(folder.resolve("rows.tsv"), "text\tlabel", 240, s -> s.text() + "\t" + s.animal());
        return FineTuning.of(start.toString()).classify(rows, "text", "label").batch(16).epochs(8).learningRate(3e-3)
                .set("training.precision", "float32").set("task.auxiliary", "0.5").set("records.log_every", "1");
    }

    @Test
    void learnsClassesAndTheTexts() throws IOException {
        assertThat(tuning("true").run(run).headline()).isEqualTo("accuracy 100.00 % on 24 validation rows");
        List<Map<String, Double>> steps = MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.TRAIN)).map(MetricRow::values).toList();
        assertThat(steps).allSatisfy(values -> assertThat(values).containsKey("language"));
        assertThat(steps.get(steps.size() - 1).get("language")).isLessThan(0.75 * steps.get(0).get("language"));
        assertThat(TinyWriter.read(run.resolve("model/config.json"))).contains("GPT2ForSequenceClassification");
    }

    @Test
    void goesOnBitForBit() throws IOException {
        FineTuning same = tuning("true").batch(8).epochs(2).set("records.checkpoint_every", "3")
                .set("training.accumulation", "2");
        Path stopped = folder.resolve("stopped");
        same.run(run);
        assertThatThrownBy(() -> same.run(stopped, Consoles.stoppingAt(5))).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(run.resolve("model/model.safetensors")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.auxiliary=-1            | task.auxiliary: got -1.0, allowed >= 0
            task.class_weights=balanced  | task.class_weights: got balanced beside task.auxiliary, allowed null
            training.label_smoothing=0.1 | training.label_smoothing: got 0.1 beside task.auxiliary, allowed 0
            """)
    void refusesWhatDoesNotFit(String assignment, String message) throws IOException {
        int equals = assignment.indexOf('=');
        FineTuning wrong = tuning("true").set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class).hasMessage(message);
        assertThat(run).doesNotExist();
    }

    @Test
    void refusesEncodersAndOutputLayersOfTheirOwn() throws IOException {
        FineTuning apart = tuning("false");
        assertThatThrownBy(() -> apart.run(run)).isInstanceOf(JformersException.class).hasMessage(
                "auxiliary language model: got GPT2ForSequenceClassification, whose language model has an output layer"
                        + " of its own, allowed decoders whose token table is that layer (tie_word_embeddings)");
        FineTuning encoder = of(folder.resolve("start"));
        assertThatThrownBy(() -> encoder.run(run)).isInstanceOf(JformersException.class)
                .hasMessageStartingWith("auxiliary language model: got an encoder (BertLMHeadModel)");
        assertThat(run).doesNotExist();
    }
}
