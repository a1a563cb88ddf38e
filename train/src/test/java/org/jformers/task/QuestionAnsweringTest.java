package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jformers.JformersException;
import org.jformers.experiment.ExperimentRun;
import org.jformers.pipeline.QuestionAnswering.Input;
import org.jformers.pipeline.QuestionAnswering.Options;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** "fox dog" asks which animal, "it" asks for what no context says. */
final class QuestionAnsweringTest {
    @TempDir
    private Path folder;
    private Path start;
    private Path run;

    @BeforeEach
    void makeTheStart() {
        start = TinyStart.bert(folder);
        run = folder.resolve("run");
    }

    private Path squad(int count, boolean withNone) throws IOException {
        ObjectNode root = new JsonMapper().createObjectNode().put("version", "v2.0");
        ArrayNode paragraphs = root.putArray("data").addObject().put("title", "animals").putArray("paragraphs");
        int[] id = {0};
        TinyStart.sentences(count, 1).forEach(sentence -> {
            ObjectNode paragraph = paragraphs.addObject().put("context", sentence.text());
            ArrayNode asked = paragraph.putArray("qas");
            ObjectNode animal = asked.addObject().put("id", "q" + id[0]++).put("question", "  fox dog");
            animal.putArray("answers").addObject().put("text", sentence.animal())
                    .put("answer_start", sentence.text().indexOf(sentence.animal()));
            if (withNone) {
                asked.addObject().put("id", "q" + id[0]++).put("question", "it").put("is_impossible", true)
                        .putArray("answers");
            }
        });
        return Files.writeString(folder.resolve("squad.json"), root.toString());
    }

    private FineTuning answering(Path file) {
        return FineTuning.of(start.toString()).answer(file).batch(16).epochs(12).learningRate(1e-3)
                .set("training.precision", "float32");
    }

    @Test
    void learnsAnswersAndThatThereIsNone() throws IOException {
        List<String> said = new ArrayList<>();
        ExperimentRun.Result result = answering(squad(160, true)).epochs(20).learningRate(3e-3)
                .run(run, Consoles.saying(said));
        assertThat(result.headline()).matches("exact 100\\.00 %, f1 100\\.00 % on \\d+ validation questions");
        assertThat(said).contains("some questions have no answer: there may be none")
                .anyMatch(line -> line.startsWith("this model") && line.contains("has ans f1 100.00 %")
                        && line.contains("no ans exact 100.00 %"))
                .anyMatch(line -> line.startsWith("with a null threshold of "))
                .anyMatch(line -> line.startsWith("no answer "));
        JsonNode predictions = new JsonMapper().readTree(run.resolve("predictions.json").toFile());
        JsonNode odds = new JsonMapper().readTree(run.resolve("null_odds.json").toFile());
        assertThat(predictions.size()).isEqualTo(odds.size());
        predictions.properties().forEach(entry -> {
            boolean none = Integer.parseInt(entry.getKey().substring(1)) % 2 == 1;
            assertThat(entry.getValue().textValue()).matches(none ? "" : "fox|dog");
            assertThat(odds.get(entry.getKey()).doubleValue() > 0).isEqualTo(none);
        });
        assertThat(result.commands().get(0).line()).startsWith("./jformers run question-answering --model "
                + run.resolve("model") + " --question ").endsWith("--handle-impossible-answer");
        try (var model = org.jformers.pipeline.QuestionAnswering.load(run.resolve("model"))) {
            assertThat(model.answer("fox dog", "the old fox sleeps").answer()).isEqualTo("fox");
            assertThat(model.answer(List.of(new Input("it", "the old fox sleeps"), new Input("fox dog", "a dog runs")),
                    Options.DEFAULT.orNone())).extracting(answers -> answers.get(0).answer())
                            .containsExactly("", "dog");
        }
    }

    /** Windows of twelve tokens have room for five or so of a long context. */
    @Test
    void readsLongContextsInWindows() throws IOException {
        List<String> lines = new ArrayList<>(List.of("question\tcontext\tanswer"));
        String filler = " the old tree and the old tree over it";
        TinyStart.sentences(160, 1).forEach(s -> lines.add(
                "fox dog\t" + s.text() + filler + "\t" + s.animal()));
        Path table = TinyStart.write(folder.resolve("rows.tsv"), lines);
        List<String> said = new ArrayList<>();
        FineTuning windows = answering(table).set("task.max_length", "12").set("task.stride", "3");
        assertThat(windows.run(run, Consoles.saying(said)).headline()).startsWith("exact 100.00 %");
        assertThat(said).contains("all questions have an answer")
                .anyMatch(line -> line.startsWith("143 questions to train on, 17 to validate on, held out"))
                .anyMatch(line -> line.matches("[4-9]\\d\\d windows to train on"))
                .anyMatch(line -> line.startsWith("the whole context "));
        assertThat(run.resolve("null_odds.json")).doesNotExist();
    }

    /** The same as a table, as compressed JSON, and with the place of the answer. */
    @Test
    void readsTablesAndCompressedFiles() throws IOException {
        Path plain = squad(60, false);
        Path packed = folder.resolve("squad.json.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write(Files.readAllBytes(plain));
        }
        Path table = TinyStart.table(folder.resolve("rows.csv"), "question,context,answer,place", 60,
                s -> "fox dog," + s.text() + "," + s.animal() + "," + s.text().indexOf(s.animal()));
        List<FineTuning> all = List.of(answering(plain), answering(packed), answering(table),
                answering(table).set("task.data.answer_start", "place"));
        List<byte[]> weights = new ArrayList<>();
        for (FineTuning each : all) {
            Path out = folder.resolve("run" + weights.size());
            each.epochs(1).run(out);
            weights.add(Files.readAllBytes(out.resolve("model/model.safetensors")));
        }
        assertThat(weights).allMatch(bytes -> java.util.Arrays.equals(bytes, weights.get(0)));
    }

    @Test
    void countsWhatCannotBeLearned() {
        List<String> lines = new ArrayList<>(List.of("question,context,answer", "a,the fox runs,dog", ",a fox,fox",
                "a,,fox", "fox fox fox fox fox fox fox fox fox fox,a dog,dog"));
        TinyStart.sentences(40, 1).forEach(s -> lines.add("fox dog," + s.text() + "," + s.animal()));
        Path table = TinyStart.write(folder.resolve("rows.csv"), lines);
        List<String> said = new ArrayList<>();
        answering(table).validation(table).epochs(1).set("task.max_length", "12").run(run, Consoles.saying(said));
        assertThat(said).contains(
                "left out of the training questions: 1 without question, 1 without context",
                "1 questions to train on left out, whose answer does not stand in the context",
                "1 questions to validate on have an answer that does not stand in the context",
                "1 questions to train on leave no room for their context",
                "1 questions to validate on leave no room for their context");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"data": [{"paragraphs": [{"qas": []}]}]}      | data[0].paragraphs[0]: context is missing
            {"data":[{"paragraphs":[{"context":"","qas":[{"id":"","question":""}]}]}]} | qas[0]: answers is missing
            {"version": "1.1"}                             | not in the form of SQuAD: data is missing
            {"data": [                                     | broken JSON in line 1
            {"data": []}                                   | no questions
            """)
    void refusesFilesThatAreNotSquad(String json, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("t.json"), json, StandardCharsets.UTF_8);
        assertThatThrownBy(() -> answering(file).run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).hasMessageContaining("t.json").message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({
        "task.max_length=99, 'task.max_length: got 99, allowed up to 48'",
        "task.stride=-1, 'task.stride: got -1, allowed >= 0'",
        "task.evaluation.n_best=0, 'task.evaluation.n_best: got 0, allowed >= 1'",
        "task.data.train=none.json, 'none.json: no such file'",
        "task.max_length=4, 'leaves no room for a context behind any question'"
    })
    void refusesWhatDoesNotFit(String assignment, String message) throws IOException {
        int equals = assignment.indexOf('=');
        FineTuning wrong = answering(squad(20, false))
                .set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class).hasMessageContaining(message)
                .message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }
}
