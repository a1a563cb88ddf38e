package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jformers.JformersException;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A decoder learns to answer: which animal a sentence is about. */
final class ChatTest {
    @TempDir
    private Path folder;
    private Path start;
    private Path run;

    @BeforeEach
    void makeTheStart() {
        start = TinyWriter.llama(folder);
        run = folder.resolve("run");
    }

    private static String message(String role, String content) {
        return "{\"role\": \"" + role + "\", \"content\": \"" + content + "\"}";
    }

    private static String conversation(TinyStart.Sentence s) {
        return "{\"messages\": [" + message("user", s.text()) + ", " + message("assistant", s.animal()) + "]}";
    }

    private FineTuning tuning() {
        Path rows = TinyWriter.lines(folder.resolve("rows.jsonl"), 200, ChatTest::conversation);
        return TinyWriter.quick(FineTuning.of(start.toString()).chat(rows));
    }

    private static Map<String, Double> last(Path run) {
        List<MetricRow> rows = MetricLog.read(run.resolve("metrics.jsonl"));
        return rows.stream().filter(row -> row.split().equals(MetricRow.EVAL)).reduce((a, b) -> b).orElseThrow()
                .values();
    }

    @ParameterizedTest
    @CsvSource({"documents", "none"})
    void learnsToAnswer(String packing) {
        List<String> said = new ArrayList<>();
        var result = tuning().set("task.packing", packing).run(run, Consoles.saying(said));
        assertThat(result.headline()).matches("perplexity 1\\.[0-9]+ on the answers of 20 validation conversations");
        assertThat(last(run)).containsKeys("loss", "accuracy", "perplexity");
        assertThat(last(run).get("accuracy")).isGreaterThan(0.85);
        assertThat(said).anyMatch(line -> line.matches("180 conversations in \\d+ rows to train on; answers are found"
                + " by rendering conversations up to them"));
        assertThat(result.commands().get(0).line()).startsWith("./jformers generate --model ")
                .contains("<|im_start|>user\n").endsWith("<|im_start|>assistant\n'");
        assertThat(result.commands().get(1).line()).isEqualTo("./jformers serve " + run.resolve("model"));
        assertThat(run.resolve("model/chat_template.jinja")).hasContent(TinyWriter.CHAT_ML);
        assertThat(TinyWriter.read(run.resolve("report.html"))).contains("before training");
    }

    /** The marks of a template and the way without them find the same answers of ChatML. */
    @Test
    void learnsTheSameByMarks() throws IOException {
        FineTuning tuning = tuning().epochs(1).set("task.packing", "none");
        tuning.run(run);
        Path marked = start.resolveSibling("marked");
        copy(start, marked);
        Files.writeString(marked.resolve("chat_template.jinja"), "{% for m in messages %}"
                + "{{ '<|im_start|>' + m.role + '\\n' }}"
                + "{% if m.role == 'assistant' %}{% generation %}{{ m.content + '<|im_end|>\\n' }}{% endgeneration %}"
                + "{% else %}{{ m.content + '<|im_end|>\\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}"
                + "{{ '<|im_start|>assistant\\n' }}{% endif %}");
        List<String> said = new ArrayList<>();
        tuning.set("model.from", marked.toString()).run(folder.resolve("other"), Consoles.saying(said));
        assertThat(said).anyMatch(line -> line.endsWith("answers are found by the template's marks"));
        assertThat(last(folder.resolve("other"))).isEqualTo(last(run));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void readsPromptsAndAnswers() {
        Path rows = TinyStart.table(folder.resolve("rows.csv"), "text,gist", 60, s -> s.text() + "," + s.animal());
        FineTuning.of(start.toString()).chat(rows, "text", "gist").epochs(1).set("training.precision", "float32")
                .run(run);
        Path same = TinyWriter.lines(folder.resolve("same.jsonl"), 60, ChatTest::conversation);
        Path shared = TinyWriter.lines(folder.resolve("shared.jsonl"), 60, s ->
                "{\"conversations\": [{\"from\": \"human\", \"value\": \"" + s.text()
                        + "\"}, {\"from\": \"gpt\", \"value\": \"" + s.animal() + "\"}]}");
        for (Path file : List.of(same, shared)) {
            Path other = folder.resolve("of-" + file.getFileName());
            FineTuning.of(start.toString()).chat(file).validation(file).epochs(1).set("training.precision", "float32")
                    .run(other);
            assertThat(last(other)).containsKey("perplexity");
        }
        assertThat(last(folder.resolve("of-same.jsonl"))).isEqualTo(last(folder.resolve("of-shared.jsonl")));
    }

    /** In every split. */
    @Test
    void saysWhatIsCutAndLeftOut() {
        String longer = "the old lazy ".repeat(30);
        Path rows = TinyWriter.lines(folder.resolve("rows.jsonl"), 40, s -> s.text().hashCode() % 4 == 0
                ? "{\"messages\": [" + message("user", s.text()) + "]}" : conversation(s));
        Path dev = TinyStart.write(folder.resolve("dev.jsonl"), List.of(
                "{\"messages\": [" + message("user", longer) + ", " + message("assistant", "fox") + "]}",
                "{\"messages\": [" + message("user", "a fox") + ", " + message("assistant", longer) + "]}"));
        List<String> said = new ArrayList<>();
        FineTuning.of(start.toString()).chat(rows).validation(dev).epochs(1).set("task.packing", "none")
                .run(run, Consoles.saying(said));
        assertThat(said).anyMatch(line -> line.matches("training conversations: [1-9]\\d* without an answer left out"))
                .contains("validation conversations: 1 left out whose answers begin behind 64 tokens,"
                        + " 1 cut to 64 tokens");
    }

    @Test
    void namesTheRowThatTheTemplateRefuses() throws IOException {
        Path file = start.resolve("chat_template.jinja");
        String strict = "{% if messages[0].role != 'user' %}{{ raise_exception('Conversations start with the user') }}"
                + "{% endif %}" + TinyWriter.CHAT_ML;
        Files.writeString(file, strict);
        Path rows = TinyStart.write(folder.resolve("rows.jsonl"), List.of(
                conversation(TinyStart.sentences(1, 1).get(0)),
                "{\"messages\": [" + message("system", "x") + ", " + message("assistant", "y") + "]}"));
        FineTuning tuning = FineTuning.of(start.toString()).chat(rows).validation(rows);
        assertThatThrownBy(() -> tuning.run(run)).isInstanceOf(JformersException.class)
                .hasMessageStartingWith(rows + ": row 2: chat template, line 1: Conversations start with the user")
                .message().doesNotContain("\n");
        // The last answer has no mark where others follow.
        Files.writeString(file,
                "{% for m in messages %}{{ m.role + m.content }}{% if loop.last %}!{% endif %}{% endfor %}");
        TinyStart.write(rows, List.of("{\"messages\": [" + String.join(", ", message("user", "a"),
                message("assistant", "b"), message("user", "c"), message("assistant", "d")) + "]}"));
        assertThatThrownBy(() -> tuning.run(run)).isInstanceOf(JformersException.class)
                .hasMessageStartingWith(rows + ": row 1: chat template: the answer in message 2 cannot be told");
        Files.delete(file);
        assertThatThrownBy(() -> tuning.run(run)).isInstanceOf(JformersException.class)
                .hasMessageStartingWith("no chat template in " + start);
        assertThat(run).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.data.train=none.jsonl    | none.jsonl: no such file
            task.data.messages=talk       | no column "talk", there are: messages
            task.data.prompt=a            | task.data.answer: got null, a name is needed
            task.max_length=65            | task.max_length: got 65, allowed up to 64, which the model can read
            task.max_length=2             | none of the 180 training conversations has an answer within 2 tokens
            model.from=null               | model.from: got null, allowed a model to start from, for chat
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = tuning().set(assignment.substring(0, equals), assignment.substring(equals + 1));
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    @Test
    void refusesRowsWithoutMessagesAndEncoders() {
        Path rows = TinyStart.write(folder.resolve("rows.jsonl"), List.of("{\"text\": \"hello\"}"));
        assertThatThrownBy(() -> FineTuning.of(start.toString()).chat(rows).run(run))
                .hasMessage(rows + ": no column \"messages\" or \"conversations\", there are: text");
        Path encoder = TinyStart.bert(folder);
        assertThatThrownBy(() -> FineTuning.of(encoder.toString()).chat(rows).run(run))
                .hasMessageStartingWith("model.from: got an encoder (BertLMHeadModel)");
    }
}
