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
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A generator and a discriminator learn together. */
final class ReplacedTokenDetectionTest {
    @TempDir
    private Path folder;
    private Path run;
    private FineTuning tuning;

    @BeforeEach
    void makeTheStart() throws JsonProcessingException {
        run = folder.resolve("run");
        Path electra = folder.resolve("electra");
        try (Model model = AutoModel.create(AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "electra", "vocab_size": 25, "embedding_size": 16, "hidden_size": 32,
                 "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48,
                 "max_position_embeddings": 48, "pad_token_id": 0, "hidden_dropout_prob": 0.1,
                 "attention_probs_dropout_prob": 0.0}"""), "test"), Task.REPLACED_TOKENS, 3)) {
            model.save(electra);
        }
        AutoTokenizer.load(TinyStart.bert(folder)).save(electra);
        Path text = TinyWriter.lines(folder.resolve("text.txt"), 240, TinyStart.Sentence::text);
        tuning = TinyWriter.quick(FineTuning.of(electra.toString()).task(new ReplacedTokenDetection.Type())
                .set("task.data.train", text.toString())).batch(16).set("task.generator_size", "0.5");
    }

    @Test
    void bothLearnAndShareTheirTables() {
        assertThat(tuning.run(run).headline()).matches("[0-9.]+ % of the tokens told right, the generator found [0-9.]+"
                + " % of the hidden ones, of 24 held-out texts");
        List<Map<String, Double>> measured = MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.EVAL)).map(MetricRow::values).toList();
        Map<String, Double> last = measured.get(measured.size() - 1);
        assertThat(last).containsKeys("loss", "accuracy", "replaced", "replaced_accuracy", "total");
        assertThat(last.get("loss")).isLessThan(0.9 * measured.get(0).get("loss"));
        Path generator = run.resolve("model/generator");
        assertThat(TinyWriter.read(generator.resolve("config.json"))).contains("ElectraForMaskedLM");
        assertThat(TinyWriter.read(run.resolve("model/config.json"))).contains("ElectraForPreTraining");
        try (Model found = AutoModel.load(run.resolve("model")); Model filled = AutoModel.load(generator)) {
            assertThat(table(filled)).isEqualTo(table(found));
            assertThat(AutoTokenizer.load(generator).vocabSize()).isEqualTo(25);
        }
        // The generator goes on where it was.
        assertThat(tuning.set("model.from", run.resolve("model").toString())
                .set("task.generator", generator.toString()).epochs(1).run(folder.resolve("further")).headline())
                .contains("told right");
    }

    private static float[] table(Model model) {
        return Scopes.get(() -> Tensors.toFloats(model.network().tensors().get("body.input.tokens.weight")));
    }

    @Test
    void goesOnBitForBit() throws IOException {
        FineTuning same = tuning.epochs(1).set("records.checkpoint_every", "3").set("records.log_every", "1")
                .set("training.accumulation", "2");
        Path stopped = folder.resolve("stopped");
        same.run(run);
        assertThatThrownBy(() -> same.run(stopped, Consoles.stoppingAt(5))).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        for (String file : List.of("model/model.safetensors", "model/generator/model.safetensors")) {
            assertThat(Files.readAllBytes(stopped.resolve(file))).isEqualTo(Files.readAllBytes(run.resolve(file)));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.weight=0              | task.weight: got 0.0, allowed > 0
            task.generator_size=2      | task.generator_size: got 2.0, allowed above 0, up to 1
            task.mask_share=0          | task.mask_share: got 0.0, allowed above 0, up to 1
            model.from=null            | model.from: got null, allowed a model to start from, for replaced-tokens
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = tuning.set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class).hasMessageContaining(message);
        assertThat(run).doesNotExist();
    }
}
