package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentRun;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A student learns from a teacher beside its labels. */
final class DistillationTest {
    @TempDir
    private Path folder;
    private Path teacher;
    private Path text;
    private Path run;

    @BeforeEach
    void makeTheTeacher() {
        teacher = TinyStart.bert(folder);
        text = TinyWriter.lines(folder.resolve("text.txt"), 120, TinyStart.Sentence::text);
        run = folder.resolve("run");
    }

    /** Every second layer of the teacher's two learns from both. */
    private FineTuning student() {
        return TinyWriter.quick(FineTuning.of(teacher.toString()).fillGaps(text)).batch(16).epochs(2)
                .set("model.layers", "[1]")
                .set("model.teacher", """
                        {"from": "%s", "temperature": 2.0, "soft": 5.0, "hard": 2.0, "cosine": 1.0, "states": 0.1,
                         "places": "all"}""".formatted(teacher));
    }

    @Test
    void learnsWhatTheTeacherSays() {
        Path taught = folder.resolve("taught");
        TinyWriter.quick(FineTuning.of(teacher.toString()).fillGaps(text)).run(taught);
        teacher = taught.resolve("model");
        student().epochs(8).set("records.log_every", "1").set("model.teacher.hard", "0").run(run);
        List<MetricRow> rows = MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.TRAIN)).toList();
        assertThat(rows.get(0).values()).containsKeys("soft", "cosine", "states");
        double first = rows.get(0).values().get("soft");
        assertThat(rows.get(rows.size() - 1).values().get("soft")).isLessThan(0.8 * first);
        assertThat(TinyWriter.read(run.resolve("model/config.json"))).contains("\"num_hidden_layers\" : 1");
    }

    /** What it begins with is the teacher's, the entrance and the head too. */
    @Test
    void beginsWithSomeOfTheLayers() {
        try (Model whole = AutoModel.load(teacher); Model smaller = AutoModel.withLayers(whole, List.of(1))) {
            assertThat(smaller.network().parameters().keySet()).noneMatch(name -> name.contains("blocks.1."));
            assertThat(values(smaller, "body.blocks.0.attention.qkv.weight"))
                    .isEqualTo(values(whole, "body.blocks.1.attention.qkv.weight"))
                    .isNotEqualTo(values(whole, "body.blocks.0.attention.qkv.weight"));
            assertThat(values(smaller, "head.dense.weight")).isEqualTo(values(whole, "head.dense.weight"));
            assertThat(values(smaller, "body.input.tokens.weight"))
                    .isEqualTo(values(whole, "body.input.tokens.weight"));
            assertThatThrownBy(() -> AutoModel.withLayers(whole, List.of(1, 0))).hasMessage(
                    "layers: got [1, 0], allowed ascending numbers from 0 to 1, those of BertForMaskedLM");
            assertThatThrownBy(() -> AutoModel.withLayers(whole, List.of())).hasMessage(
                    "layers: got none, allowed one or more");
        }
    }

    private static float[] values(Model model, String name) {
        return Scopes.get(() -> {
            Tensor tensor = model.network().tensors().get(name);
            return Tensors.toFloats(tensor);
        });
    }

    @Test
    void goesOnBitForBit() throws IOException {
        FineTuning tuning = student().epochs(2).set("records.checkpoint_every", "3").set("records.log_every", "1")
                .set("model.config", "{\"hidden_dropout_prob\": 0.1}");
        Path stopped = folder.resolve("stopped");
        tuning.run(run);
        assertThatThrownBy(() -> tuning.run(stopped, Consoles.stoppingAt(5))).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(run.resolve("model/model.safetensors")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            model.teacher.temperature=0    | distillation: got temperature 0.0
            model.teacher.cosine=-1        | weights >= 0, not all of them 0
            model.layers=[2]               | layers: got [2], allowed ascending numbers from 0 to 1
            training.label_smoothing=0.1   | training.label_smoothing: got 0.1 beside a teacher, allowed 0
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = student().set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class).hasMessageContaining(message);
        assertThat(run).doesNotExist();
    }

    @Test
    void refusesATeacherOfOtherTokens() {
        Path other = TinyWriter.llama(folder);
        FineTuning wrong = student().set("model.teacher.from", other.toString());
        assertThatThrownBy(() -> wrong.run(run)).hasMessage("model.teacher.from: got " + other
                + ", whose tokenizer has other tokens, allowed one with those of the model to start from");
    }
}
