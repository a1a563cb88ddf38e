package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jformers.JformersException;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentRun;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An encoder learns the hidden tokens of plain text. */
final class MaskedLanguageModelTest {
    @TempDir
    private Path folder;
    private Path start;
    private Path text;
    private Path run;

    @BeforeEach
    void makeTheStart() {
        start = TinyStart.bert(folder);
        text = TinyWriter.lines(folder.resolve("text.txt"), 240, TinyStart.Sentence::text);
        run = folder.resolve("run");
    }

    private FineTuning tuning(Path from) {
        return TinyWriter.quick(FineTuning.of(from.toString()).fillGaps(text)).batch(16);
    }

    @Test
    void learnsWhatIsHidden() {
        String headline = tuning(start).set("task.hidden", "words").run(run).headline();
        assertThat(headline).matches("accuracy [0-9.]+ % of the hidden tokens, pseudo-perplexity [0-9.]+, of 24"
                + " held-out texts");
        List<Map<String, Double>> measured = MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.EVAL)).map(MetricRow::values).toList();
        Map<String, Double> last = measured.get(measured.size() - 1);
        assertThat(last.get("loss")).isLessThan(0.8 * measured.get(0).get("loss"));
        assertThat(last).containsKeys("accuracy", "pseudo_perplexity");
        assertThat(TinyWriter.read(run.resolve("report.html"))).contains("[MASK]", "before training");
        assertThat(TinyWriter.read(run.resolve("model/config.json"))).contains("BertForMaskedLM");
        // What was learned is where another task starts from.
        Path rows = TinyStart.table(folder.resolve("rows.tsv"), "text\tlabel", 240, s -> s.text() + "\t" + s.animal());
        assertThat(TinyWriter.quick(FineTuning.of(run.resolve("model").toString()).classify(rows, "text", "label"))
                .run(folder.resolve("next")).headline()).startsWith("accuracy ");
    }

    /** A body alone gets a new head, and whoever starts the run is told. */
    @Test
    void saysThatTheHeadIsNew() {
        Path body = folder.resolve("body");
        try (Model bert = AutoModel.load(start, LoadRequest.of(Task.BASE)).model()) {
            bert.save(body);
        }
        AutoTokenizer.load(start).save(body);
        List<String> said = new ArrayList<>();
        tuning(body).epochs(1).run(run, Consoles.saying(said));
        assertThat(said).filteredOn(line -> line.startsWith("warning: the model has no head for hidden tokens"))
                .hasSize(1);
        assertThat(TinyWriter.read(run.resolve("report.html"))).doesNotContain("before training");
        said.clear();
        tuning(start).epochs(1).run(folder.resolve("other"), Consoles.saying(said));
        assertThat(said).noneMatch(line -> line.startsWith("warning"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.mask_share=0        | task.mask_share: got 0.0, allowed above 0, up to 1
            task.data.text=body      | no column "body", there are: text
            task.max_length=49       | task.max_length: got 49, allowed up to 48, which the model can read
            task.evaluation.samples=-1 | task.evaluation.samples: got -1, allowed >= 0
            model.from=null          | model.from: got null, allowed a model to start from, for masked-lm
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = tuning(start).set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    /** Documents of three sentences each about one animal: what follows is about the same one. */
    private Path documents() {
        List<String> lines = new ArrayList<>();
        for (TinyStart.Sentence s : TinyStart.sentences(240, 1)) {
            lines.add(s.text());
            lines.add("a " + s.animal() + " over the tree");
            lines.add("the lazy " + s.animal());
            lines.add("");
        }
        return TinyStart.write(folder.resolve("documents.txt"), lines);
    }

    private FineTuning pairs(String kind) {
        return TinyWriter.quick(FineTuning.of(start.toString()).fillGaps(documents())).batch(16)
                .set("task.data.document", "paragraph").set("task.sentences", "lines").set("task.pairs", kind);
    }

    @Test
    void learnsWhetherASentenceFollows() {
        List<String> said = new ArrayList<>();
        String headline = pairs("next_sentence").epochs(30).run(run, Consoles.saying(said)).headline();
        assertThat(headline).matches("accuracy [0-9.]+ % of the hidden tokens, [0-9.]+ % of the pairs,"
                + " pseudo-perplexity [0-9.]+, of 24 held-out texts");
        assertThat(said).filteredOn(line ->
                line.startsWith("warning: the model has no head for hidden tokens and pairs")).hasSize(1);
        List<Map<String, Double>> measured = MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.EVAL)).map(MetricRow::values).toList();
        Map<String, Double> last = measured.get(measured.size() - 1);
        assertThat(last).containsKeys("loss", "accuracy", "sentences", "sentences_accuracy");
        assertThat(last.get("loss")).isLessThan(measured.get(0).get("loss"));
        assertThat(last.get("sentences")).as("chance is 0.69").isLessThan(0.6);
        assertThat(TinyWriter.read(run.resolve("model/config.json"))).contains("BertForPreTraining");
        assertThat(TinyWriter.read(run.resolve("report.html"))).contains("accuracy of pairs");
        // Either head goes on.
        assertThat(tuning(run.resolve("model")).epochs(1).run(folder.resolve("next")).headline())
                .startsWith("accuracy ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"next_sentence", "sentence_order"})
    void pairsGoOnBitForBit(String kind) throws IOException {
        FineTuning tuning = pairs(kind).epochs(1).set("records.checkpoint_every", "3").set("records.log_every", "1")
                .set("training.accumulation", "2").set("model.config", "{\"hidden_dropout_prob\": 0.1}");
        Path stopped = folder.resolve("stopped");
        tuning.run(run);
        assertThatThrownBy(() -> tuning.run(stopped, Consoles.stoppingAt(5))).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(run.resolve("model/model.safetensors")));
    }

    @Test
    void refusesPairsWhereNoHeadIsForThem() {
        Path distilBert = folder.resolve("distilbert");
        try (Model model = AutoModel.create(AutoConfig.parse(new JsonMapper().createObjectNode()
                .put("model_type", "distilbert").put("vocab_size", 25).put("max_position_embeddings", 48)
                .put("n_layers", 1).put("n_heads", 2).put("dim", 8).put("hidden_dim", 8), "test"),
                Task.MASKED_LM, 1)) {
            model.save(distilBert);
        }
        AutoTokenizer.load(start).save(distilBert);
        FineTuning none = pairs("next_sentence").set("model.from", distilBert.toString());
        assertThatThrownBy(() -> none.run(run)).isInstanceOf(JformersException.class)
                .hasMessageStartingWith("distilbert: got task PRETRAINING, allowed");
    }

    @Test
    void refusesADecoder() {
        Path decoder = TinyWriter.llama(folder);
        assertThatThrownBy(() -> tuning(decoder).run(run)).isInstanceOf(JformersException.class)
                .hasMessageStartingWith("llama: got task MASKED_LM, allowed");
    }
}
