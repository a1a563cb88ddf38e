package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jformers.JformersException;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentRun;
import org.jformers.experiment.ExperimentRun.Result;
import org.jformers.pipeline.Embeddings;
import org.jformers.pipeline.TextOptions;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SentenceEmbeddingTest {
    @TempDir
    private Path folder;
    private Path start;
    private Path run;
    private final List<String> said = new ArrayList<>();

    @BeforeEach
    void makeTheStart() {
        start = TinyStart.bert(folder);
        run = folder.resolve("run");
    }

    private static FineTuning quick(FineTuning any) {
        return any.batch(16).epochs(3).learningRate(2e-3).set("training.precision", "float32");
    }

    /** Pairs with 0 to 5 points: 3 for the same animal, 2 for the same deed. */
    private FineTuning scored(String loss) {
        List<TinyStart.Sentence> second = new ArrayList<>(TinyStart.sentences(200, 2));
        boolean binary = loss.contains("contrastive");
        Path rows = TinyStart.table(folder.resolve("rows.tsv"), "one\ttwo\tpoints", 200, s -> {
            TinyStart.Sentence other = second.remove(0);
            int points = binary
                    ? s.animal().equals(other.animal()) ? 1 : 0
                    : (s.animal().equals(other.animal()) ? 3 : 0) + (s.deed().equals(other.deed()) ? 2 : 0);
            return s.text() + "\t" + other.text() + "\t" + points;
        });
        return quick(FineTuning.of(start.toString()).embed(rows, "one", "two"))
                .set("task.data.score", "points").set("task.loss", loss);
    }

    /** A sentence, one of its animal, and one of the other. */
    private FineTuning triples() {
        List<TinyStart.Sentence> others = TinyStart.sentences(400, 5);
        Random random = new Random(4);
        Path rows = TinyStart.table(folder.resolve("rows.tsv"), "anchor\tpositive\tnegative", 160, s -> s.text() + "\t"
                + one(others, random, s.animal(), true) + "\t" + one(others, random, s.animal(), false));
        return quick(FineTuning.of(start.toString()).embed(rows, "anchor", "positive"))
                .set("task.data.negative", "negative");
    }

    private static String one(List<TinyStart.Sentence> others, Random random, String animal, boolean same) {
        while (true) {
            TinyStart.Sentence other = others.get(random.nextInt(others.size()));
            if (other.animal().equals(animal) == same) {
                return other.text();
            }
        }
    }

    private static double first(String headline) {
        return Double.parseDouble(headline.split(" ")[1]);
    }

    private static double before(String headline) {
        return Double.parseDouble(headline.replaceFirst(".*, ([0-9.-]+) before training", "$1"));
    }

    @Test
    void learnsFromScores() throws IOException {
        Result result = scored("cosine").epochs(8).run(run, Consoles.saying(said));
        assertThat(result.headline()).matches("spearman 0\\.\\d+ on 20 validation rows, -?0\\.\\d+ before training");
        assertThat(first(result.headline())).isGreaterThan(0.9).isGreaterThan(before(result.headline()) + 0.1);
        assertThat(said).contains("scores are divided by 5, the highest of them", "vectors of mean, loss cosine");
        assertThat(result.commands().get(0).line())
                .startsWith("./jformers run sentence-similarity --model " + run.resolve("model") + " --source ");
        assertThat(Files.readString(run.resolve("report.html"))).contains("before training", "distance");
        assertThat(Files.readString(run.resolve("model/README.md"))).contains("pipeline_tag: sentence-similarity");
        assertThat(new JsonMapper().readTree(run.resolve("model/config.json").toFile()).get("architectures").toString())
                .isEqualTo("[\"BertModel\"]");
    }

    /** What is saved pools by itself, as it was trained, and is trained further in the same way. */
    @Test
    void savesHowVectorsAreMade() throws IOException {
        scored("cosine").epochs(1).set("task.pooling", "cls").set("task.normalize", "true")
                .set("task.max_length", "7").run(run);
        for (String file : List.of("modules.json", "1_Pooling/config.json", "2_Normalize/config.json",
                "sentence_bert_config.json", "config_sentence_transformers.json", "tokenizer.json")) {
            assertThat(run.resolve("model").resolve(file)).isRegularFile();
        }
        try (Embeddings embeddings = Embeddings.load(run.resolve("model"))) {
            float[] vector = embeddings.embed("the old fox");
            assertThat(vector).hasSize(24);
            double length = 0;
            for (float x : vector) {
                length += x * x;
            }
            assertThat(length).isCloseTo(1, within(1e-5));
            String lengthy = "the old lazy fox and the old lazy dog";
            assertThatThrownBy(() -> embeddings.embed(lengthy)).hasMessageContaining("allowed up to 7");
            List<float[]> cut = embeddings.embed(List.of(lengthy, "the old lazy fox and"),
                    TextOptions.DEFAULT.truncated());
            assertThat(Embeddings.similarity(cut.get(0), cut.get(1))).isCloseTo(1, within(1e-6));
        }
        Path rows = folder.resolve("rows.tsv");
        FineTuning.of(run.resolve("model").toString()).embed(rows, "one", "two").set("task.data.score", "points")
                .maxSteps(1).run(folder.resolve("more"), Consoles.saying(said));
        assertThat(said).contains("vectors of cls, of length 1, loss cosine")
                .anyMatch(line -> line.endsWith("cut to 7 tokens"));
    }

    @ParameterizedTest
    @CsvSource({"contrastive", "online_contrastive"})
    void learnsWhatIsAlike(String loss) {
        Result result = scored(loss).epochs(6).set("task.measure", "pearson").run(run);
        assertThat(result.headline()).startsWith("pearson ");
        assertThat(first(result.headline())).isGreaterThan(0.7).isGreaterThan(before(result.headline()) + 0.1);
    }

    @ParameterizedTest
    @CsvSource({"triplet, null", "triplet, cosine", "in_batch_negatives, null"})
    void learnsWhatIsHeldApart(String loss, String distance) {
        triples().set("task.loss", loss).set("task.distance", distance).run(run, Consoles.saying(said));
        List<Double> losses = losses(run, MetricRow.EVAL);
        assertThat(losses.get(losses.size() - 1)).isLessThan(losses.get(0));
        assertThat(said).anyMatch(line -> line.contains("validation loss") && line.contains("mrr"));
    }

    /** A text and its words in another order are of one row. */
    private FineTuning pairs() {
        List<String> lines = new ArrayList<>(List.of("anchor,positive"));
        List<String> words = List.of("the", "a", "old", "lazy", "and", "over", "under", "tree", "fox", "dog");
        for (String a : words) {
            for (String b : words) {
                for (String c : List.of("runs", "sleeps")) {
                    lines.add(a + " " + b + " " + c + "," + c + " " + b + " " + a + " the");
                }
            }
        }
        return quick(FineTuning.of(start.toString())
                .embed(TinyStart.write(folder.resolve("pairs.csv"), lines), "anchor", "positive"));
    }

    @Test
    void findsTheTextsOfARow() {
        Result result = pairs().run(run, Consoles.saying(said));
        assertThat(result.headline()).matches("mrr 0\\.\\d+ on 20 validation rows, 0\\.\\d+ before training|mrr 1.*");
        assertThat(first(result.headline())).isGreaterThan(before(result.headline()));
        assertThat(said).contains("vectors of mean, loss in batch negatives");
    }

    @Test
    void minesHardNegatives() {
        FineTuning mining = pairs().epochs(1).set("task.mining.hard_negatives", "2");
        mining.run(run, Consoles.saying(said));
        assertThat(said).contains("360 hard negatives found for 180 rows; 0 rows have fewer than 2");
        mining.set("task.mining.max_score", "0.95").set("task.mining.range_min", "1")
                .set("task.mining.sampling", "random").run(folder.resolve("few"), Consoles.saying(said));
        assertThat(said.stream().filter(line -> line.contains("hard negatives found"))).hasSize(2);
        assertThat(losses(run, MetricRow.TRAIN)).isNotEqualTo(losses(folder.resolve("few"), MetricRow.TRAIN));
        assertThatThrownBy(() -> mining.set("task.mining.max_score", "-1").run(folder.resolve("none")))
                .hasMessage("task.mining: no hard negatives found, allowed settings that refuse fewer");
        mining.set("task.loss", "triplet").run(folder.resolve("triplet"));
    }

    private static List<Double> losses(Path run, String split) {
        return MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(split)).map(row -> row.values().get(MetricRow.LOSS)).toList();
    }

    @ParameterizedTest
    @CsvSource({"once", "each_epoch"})
    void goesOnBitForBit(String when) throws IOException {
        FineTuning tuning = pairs().epochs(3).set("records.checkpoint_every", "5").set("training.accumulation", "2")
                .set("records.log_every", "1").set("task.mining.hard_negatives", "2").set("task.mining.mined", when);
        Path straight = folder.resolve("straight");
        Path stopped = folder.resolve("stopped");
        tuning.run(straight);
        assertThatThrownBy(() -> tuning.run(stopped, Consoles.stoppingAt(13))).hasMessage("stopped");
        ExperimentRun.resume(stopped, Console.SILENT);
        assertThat(Files.readAllBytes(stopped.resolve("model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(straight.resolve("model/model.safetensors")));
        assertThat(losses(stopped, MetricRow.TRAIN)).isEqualTo(losses(straight, MetricRow.TRAIN));
    }

    @Test
    void trainsAnAdapter() {
        scored("cosine").epochs(1).lora(4).learningRate(1e-2).run(run);
        assertThat(run.resolve("adapter/adapter_config.json")).isRegularFile();
        try (Embeddings embeddings = Embeddings.load(run.resolve("model"))) {
            assertThat(embeddings.embed("a fox")).hasSize(24);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.data.score=null               | task.data.score: got null, allowed a column, which cosine needs
            task.loss=triplet                  | task.data.score: got points, allowed null for triplet, which reads none
            task.loss=contrastive              | points is 3, allowed 0 and the highest score for contrastive
            task.data.highest_score=4          | points is 5, allowed -4 to 4
            task.data.highest_score=0          | task.data.highest_score: got 0.0, allowed > 0
            task.data.negative=one             | task.data.negative: got one, allowed null where there are scores
            task.data.pair=""                  | task.data.pair: got nothing, a name is needed
            task.data.pair=three               | no column "three", there are: one, two, points
            task.data.score=one                | allowed: numbers such as 2.5
            task.scale=20                      | task.scale: got 20.0, allowed null for cosine
            task.margin=1                      | task.margin: got 1.0, allowed null for cosine
            task.distance=euclidean            | task.distance: got euclidean, allowed null for cosine
            task.measure=mrr                   | task.measure: got mrr for rows with scores, allowed spearman, pearson
            task.mining.hard_negatives=1       | task.mining.hard_negatives: got 1, allowed 0 where there are scores
            task.max_length=99                 | task.max_length: got 99, allowed up to 48, which the model can read
            task.batch=0                       | task.batch: got 0, allowed >= 1
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = scored("cosine")
                .set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    @Test
    void countsPairsWithOneSide() {
        Path rows = TinyStart.write(folder.resolve("t.csv"),
                List.of("anchor,positive", "a fox,the fox", "a dog,", ",a tree", "the dog,a dog", "over,under"));
        quick(FineTuning.of(start.toString()).embed(rows, "anchor", "positive")).validation(rows).epochs(1)
                .run(run, Consoles.saying(said));
        assertThat(said).contains("left out of the training rows: 1 without positive, 1 without anchor",
                "left out of the validation rows: 1 without positive, 1 without anchor");
    }

    @Test
    void refusesModulesThatItDoesNotHave() throws IOException {
        FineTuning tuning = scored("cosine").maxSteps(1);
        Files.writeString(start.resolve("modules.json"), """
                [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                 {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}]""");
        Files.createDirectory(start.resolve("1_Pooling"));
        Path pooling = start.resolve("1_Pooling/config.json");
        Files.writeString(pooling, "{\"word_embedding_dimension\": 24, \"pooling_mode\": \"lasttoken\"}");
        assertThatThrownBy(() -> tuning.run(run)).isInstanceOf(JformersException.class).hasMessageStartingWith(
                "sentence modules: got sentence_transformers.models.Dense, allowed Transformer, Pooling, Normalize,"
                        + " in ");
        Files.writeString(start.resolve("modules.json"),
                Files.readString(start.resolve("modules.json")).replace("models.Dense", "models.Normalize"));
        Files.writeString(pooling, "{\"pooling_mode_weightedmean_tokens\": true}");
        assertThatThrownBy(() -> tuning.run(run)).hasMessageStartingWith(
                "sentence modules: got pooling weightedmean, allowed one of cls, lasttoken, max, mean, in ");
        Files.writeString(pooling, "{\"pooling_mode\": [\"lasttoken\"]}");
        tuning.run(run, Consoles.saying(said));
        assertThat(said).contains("vectors of last token, of length 1, loss cosine");
    }
}
