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
import org.jformers.JformersException;
import org.jformers.experiment.ExperimentRun;
import org.jformers.pipeline.Label;
import org.jformers.pipeline.TextClassification;
import org.jformers.pipeline.TextOptions;
import org.jformers.text.tokenizer.TextInput;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A text is relevant to a query where what is done in both is the same. */
final class RerankingTest {
    @TempDir
    private Path folder;
    private Path start;
    private Path run;

    @BeforeEach
    void makeTheStart() {
        start = TinyStart.bert(folder);
        run = folder.resolve("run");
    }

    /** Three texts for each query. */
    private Path rows(String relevant, String other) {
        List<TinyStart.Sentence> texts = TinyStart.sentences(360, 2);
        List<String> lines = new ArrayList<>(List.of("query\ttext\tlabel"));
        int[] row = {0};
        TinyStart.sentences(120, 1).forEach(query -> {
            for (int i = 0; i < 3; i++) {
                TinyStart.Sentence text = texts.get(row[0]++);
                lines.add(query.text() + "\t" + text.text() + "\t"
                        + (text.deed().equals(query.deed()) ? relevant : other));
            }
        });
        return TinyStart.write(folder.resolve("rows.tsv"), lines);
    }

    private FineTuning reranking(Path rows) {
        return FineTuning.of(start.toString()).rerank(rows, "query", "text", "label").batch(16).epochs(14)
                .learningRate(1e-3).set("training.precision", "float32");
    }

    @Test
    void learnsWhatIsRelevant() throws IOException {
        ExperimentRun.Result result = reranking(rows("1", "0")).run(run);
        assertThat(result.headline()).matches("mrr 1\\.0000 on \\d+ validation rows");
        JsonNode config = new JsonMapper().readTree(run.resolve("model/config.json").toFile());
        assertThat(config.get("id2label").toString()).isEqualTo("{\"0\":\"LABEL_0\"}");
        assertThat(config.get("problem_type").textValue()).isEqualTo("multi_label_classification");
        assertThat(config.at("/sentence_transformers/activation_fn").textValue())
                .isEqualTo("torch.nn.modules.activation.Sigmoid");
        assertThat(Files.readString(run.resolve("report.html")))
                .contains("average precision", "chance", "not relevant");
        assertThat(result.commands().get(0).line()).startsWith("printf '%s' '{\"inputs\":{\"text\":")
                .contains("run text-classification --model " + run.resolve("model") + " --json");
        try (TextClassification model = TextClassification.load(run.resolve("model"))) {
            List<List<Label>> scores = model.classify(List.of(
                    TextInput.pair("the fox runs", "a dog runs"), TextInput.pair("the fox runs", "a dog sleeps")),
                    TextOptions.DEFAULT);
            assertThat(scores.get(0).get(0).score()).isGreaterThan(0.5f);
            assertThat(scores.get(1).get(0).score()).isLessThan(0.5f);
        }
    }

    @Test
    void learnsScores() throws IOException {
        FineTuning scores = reranking(rows("1.2", "-0.4")).set("task.loss", "mse").set("task.measure", "spearman")
                .learningRate(3e-3);
        assertThat(Double.parseDouble(scores.run(run).headline().split(" ")[1])).isGreaterThan(0.8);
        JsonNode config = new JsonMapper().readTree(run.resolve("model/config.json").toFile());
        assertThat(config.get("problem_type").textValue()).isEqualTo("regression");
        assertThat(config.at("/sentence_transformers/activation_fn").textValue())
                .isEqualTo("torch.nn.modules.linear.Identity");
    }

    /** The queries of a file that is held out of another stay together, and those that cannot be ranked are counted. */
    @Test
    void saysWhatCounts() {
        List<String> said = new ArrayList<>();
        Path dev = TinyStart.write(folder.resolve("dev.csv"), List.of("query,text,label", "a fox,a dog,0.25",
                "a fox,the fox runs,0.75", "a tree,a dog,0", ",a dog,1"));
        reranking(rows("1", "0")).validation(dev).epochs(1).run(run, Consoles.saying(said));
        assertThat(said).contains("left out of the validation rows: 1 without query",
                "2 queries to validate on, 1 texts relevant, 2 not; 1 queries without a relevant text, which do not"
                        + " count for mrr");
        assertThat(said).anyMatch(line -> line.startsWith("this model") && line.contains("spearman"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a,b,1;c,d,2      | row 2: label is 2, allowed: numbers from 0 to 1; with task.loss=mse any
            a,b,1;c,d,many   | row 2: label is "many", allowed: numbers such as 2.5
            a,b,1;c,d,0      | task.measure: got mrr, but no query has a text that is relevant and one that is not
            """)
    void refusesRowsThatDoNotFit(String rows, String message) {
        List<String> lines = new ArrayList<>(List.of("query,text,label"));
        lines.addAll(List.of(rows.split(";")));
        Path file = TinyStart.write(folder.resolve("t.csv"), lines);
        assertThatThrownBy(() -> reranking(file).validation(file).run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    @Test
    void refusesAFigureThatTheRowsCannotTell() {
        assertThatThrownBy(() -> reranking(rows("1", "0")).set("task.measure", "spearman").run(run))
                .isInstanceOf(JformersException.class).hasMessage("task.measure: got spearman for labels that are 0"
                        + " and 1, allowed mrr, accuracy, average_precision");
    }
}
