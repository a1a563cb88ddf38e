package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens in any order, with a memory of the rows before and without. */
final class PermutationLanguageModelTest {
    @TempDir
    private Path folder;
    private Path run;
    private FineTuning tuning;

    @BeforeEach
    void makeTheStart() throws JsonProcessingException {
        run = folder.resolve("run");
        Path xlnet = folder.resolve("xlnet");
        try (Model model = AutoModel.create(AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "xlnet", "vocab_size": 25, "d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 48,
                 "dropout": 0.1, "pad_token_id": 0}"""), "test"), Task.CAUSAL_LM, 3)) {
            model.save(xlnet);
        }
        AutoTokenizer.load(TinyStart.bert(folder)).save(xlnet);
        Path text = TinyStart.write(folder.resolve("text.txt"), rounds());
        tuning = TinyWriter.quick(FineTuning.of(xlnet.toString()).task(new PermutationLanguageModel.Type())
                .set("task.data.train", text.toString())).batch(4).set("task.max_length", "16");
    }

    /** Stretches of words that follow each other in one order, so that every token says which ones are beside it. */
    private static List<String> rounds() {
        List<String> words = List.of("the", "old", "fox", "runs", "over", "a", "lazy", "dog");
        return IntStream.range(0, 160).mapToObj(row -> IntStream.range(row, row + 4 + row / 8)
                .mapToObj(word -> words.get(word % 8)).collect(Collectors.joining(" "))).toList();
    }

    @ParameterizedTest
    @CsvSource({"8, 30", "0, 16"})
    void learnsInAnyOrder(String memory, int epochs) {
        assertThat(tuning.epochs(epochs).set("task.memory", memory).run(run).headline())
                .matches("perplexity [0-9.]+, accuracy [0-9.]+ % of the predicted tokens, of 16 held-out texts");
        List<Map<String, Double>> measured = MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.EVAL)).map(MetricRow::values).toList();
        Map<String, Double> last = measured.get(measured.size() - 1);
        assertThat(last).containsKeys("loss", "accuracy", "perplexity");
        assertThat(last.get("loss")).isLessThan(0.6 * measured.get(0).get("loss"));
        assertThat(TinyWriter.read(run.resolve("model/config.json"))).contains("XLNetLMHeadModel");
        assertThat(run.resolve("model/memory.safetensors")).doesNotExist();
    }

    /** Rows that stand alone take smoothed labels; validation has plain ones. */
    @Test
    void smoothsLabelsOfRowsThatStandAlone() {
        FineTuning alone = tuning.set("training.steps", "3").set("task.memory", "0").set("records.log_every", "1");
        alone.run(run);
        Path smoothed = folder.resolve("smoothed");
        alone.set("training.label_smoothing", "0.2").run(smoothed);
        assertThat(losses(smoothed).get(0)[0]).isNotCloseTo(losses(run).get(0)[0], within(1e-4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"24", "0"})
    void goesOnBitForBit(String memory) throws IOException {
        FineTuning same = tuning.epochs(2).set("records.checkpoint_every", "3").set("records.log_every", "1")
                .set("training.accumulation", "2").set("task.memory", memory);
        Path stopped = folder.resolve("stopped");
        same.run(run);
        assertThatThrownBy(() -> same.run(stopped, Consoles.stoppingAt(5))).hasMessage("stopped");
        Path checkpoint = stopped.resolve("checkpoints/checkpoint-000000003");
        assertThat(Files.exists(checkpoint.resolve("memory.safetensors"))).isEqualTo(!memory.equals("0"));
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(run.resolve("model/model.safetensors")));
    }

    /** A checkpoint whose memory is lost is another run: the test above would notice. */
    @Test
    void theMemoryIsPartOfTheRun() throws IOException {
        FineTuning same = tuning.epochs(1).set("records.checkpoint_every", "3").set("records.log_every", "1")
                .set("task.memory", "24").set("records.model", "last");
        Path stopped = folder.resolve("stopped");
        same.run(run);
        assertThatThrownBy(() -> same.run(stopped, Consoles.stoppingAt(5))).hasMessage("stopped");
        Files.delete(stopped.resolve("checkpoints/checkpoint-000000003/memory.safetensors"));
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isNotEqualTo(Files.readAllBytes(run.resolve("model/model.safetensors")));
    }

    /** Measurements in between have a memory of their own. */
    @Test
    void measurementsLeaveTheMemoryAlone() throws IOException {
        FineTuning plain = tuning.epochs(1).set("task.memory", "24").set("records.model", "last");
        Path measured = folder.resolve("measured");
        plain.run(run);
        plain.set("records.validate_every", "2").run(measured);
        assertThat(Files.readAllBytes(measured.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(run.resolve("model/model.safetensors")));
    }

    /** Layers that are computed again in the backward pass see what they saw. */
    @Test
    void layersThatAreComputedAgainSeeTheSameMemory() {
        FineTuning plain = tuning.set("training.steps", "6").set("task.memory", "24").set("records.log_every", "1");
        Path again = folder.resolve("again");
        plain.run(run);
        plain.set("training.gradient_checkpointing", "true").run(again);
        List<double[]> expected = losses(run);
        List<double[]> got = losses(again);
        assertThat(got).hasSize(6);
        for (int step = 0; step < 6; step++) {
            assertThat(got.get(step)).containsExactly(expected.get(step), within(1e-4));
        }
    }

    /** Of each step, with the norm of its gradients. */
    private static List<double[]> losses(Path of) {
        return MetricLog.read(of.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.TRAIN))
                .map(row -> new double[] {row.values().get("loss"), row.values().get("gradient_norm")}).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.context=0               | task.context: got 0, allowed >= 1
            task.longest_span=0          | task.longest_span: got 0, allowed >= 1
            task.memory=-1               | task.memory: got -1, allowed >= 0
            task.batch=0                 | task.batch: got 0, allowed >= 1
            training.label_smoothing=0.1 | training.label_smoothing: got 0.1 with a memory, allowed 0, or task.memory 0
            model.from=null              | model.from: got null, allowed a model to start from, for permutation-lm
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = tuning.set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class).hasMessageContaining(message);
        assertThat(run).doesNotExist();
    }

    @Test
    void refusesModelsWithOneStream() {
        String bert = folder.resolve("start").toString();
        assertThatThrownBy(() -> tuning.set("model.from", bert).run(run)).isInstanceOf(JformersException.class)
                .hasMessage("model.from: got " + bert
                        + ", which has one stream, allowed models with a second one that predicts (XLNet)");
        assertThat(run).doesNotExist();
    }
}
