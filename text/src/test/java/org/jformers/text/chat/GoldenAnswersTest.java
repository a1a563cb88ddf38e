package org.jformers.text.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;

/** The answers in conversations are those that TRL trains on; tools/golden/make_conversation_fixtures.py has them. */
final class GoldenAnswersTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int IGNORED = -100;

    private static Path file(String name) {
        try {
            return Path.of(GoldenAnswersTest.class.getResource("/chat/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ChatTemplate template(JsonNode line) throws IOException {
        String source = line.has("template")
                ? line.get("template").textValue()
                : Files.readString(file("templates/" + line.get("name").textValue() + ".jinja"));
        return ChatTemplate.parse(source, Map.of("bos_token", "<s>", "eos_token", "</s>"));
    }

    private static List<?> messages(JsonNode line) {
        return JSON.convertValue(line.get("messages"), List.class);
    }

    @Test
    void findsTheAnswersThatTrlFinds() throws IOException {
        Tokenizer tokenizer = AutoTokenizer.load(file("answers/tokenizer.json"));
        List<String> differences = new ArrayList<>();
        int lines = 0;
        int answers = 0;
        for (String text : Files.readAllLines(file("answers.jsonl"))) {
            JsonNode line = JSON.readTree(text);
            Rendering rendering = template(line).renderAnswers(ChatRequest.of(messages(line)));
            Encoding encoding = rendering.encode(tokenizer);
            int[] said = rendering.assistantMask(encoding);
            int[] ids = encoding.ids();
            List<Integer> labels =
                    IntStream.range(0, ids.length).map(i -> said[i] == 1 ? ids[i] : IGNORED).boxed().toList();
            if (!line.get("ids").toString().equals(JSON.valueToTree(ids).toString())
                    || !line.get("labels").toString().equals(JSON.valueToTree(labels).toString())) {
                differences.add(line.get("name") + " " + line.get("messages") + "\nexpected " + line.get("labels")
                        + "\ngot      " + labels + "\nof       " + line.get("ids"));
            }
            lines++;
            answers += (int) labels.stream().filter(label -> label != IGNORED).count();
        }
        assertThat(differences).as(String.join("\n", differences)).isEmpty();
        assertThat(lines).isGreaterThan(35);
        assertThat(answers).isGreaterThan(300);
    }

    /** Several answers, found without marks where those of ChatML's own marks are, the line end behind them besides. */
    @Test
    void findsSeveralAnswersWithoutMarks() throws IOException {
        ChatTemplate plain = ChatTemplate.parse(Files.readString(file("templates/chatml.jinja")));
        assertThat(plain.marksAnswers()).isFalse();
        Rendering rendering = plain.renderAnswers(ChatRequest.of(List.of(
                Map.of("role", "user", "content", "a"), Map.of("role", "assistant", "content", "b😀"),
                Map.of("role", "user", "content", "c"), Map.of("role", "assistant", "content", "d"),
                Map.of("role", "user", "content", "e"))));
        String text = rendering.text();
        assertThat(rendering.generated()).extracting(span -> text.substring(span.start(), span.end()))
                .containsExactly("b😀<|im_end|>\n", "d<|im_end|>\n");
        assertThat(text).endsWith("<|im_start|>user\ne<|im_end|>\n");
    }

    /** This one writes an answer without its thoughts where another question follows. */
    @Test
    void refusesATemplateThatChangesWhatItWrote() throws IOException {
        ChatTemplate thinking = ChatTemplate.parse(Files.readString(file("templates/qwen3-thinking.jinja")));
        List<Map<String, String>> messages = List.of(
                Map.of("role", "user", "content", "q"),
                Map.of("role", "assistant", "content", "<think>\nhm\n</think>\n\nx"),
                Map.of("role", "user", "content", "r"), Map.of("role", "assistant", "content", "y"));
        assertThatThrownBy(() -> thinking.renderAnswers(ChatRequest.of(messages)))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage("chat template: the answer in message 2 cannot be told from the rest, the template writes"
                        + " it, or what stands before it, otherwise where messages follow; allowed: templates that mark"
                        + " answers with {% generation %}, or leave what they wrote as it is");
        ChatTemplate other = ChatTemplate.parse("{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}"
                + "{% if add_generation_prompt %}ASSISTANT:{% endif %}");
        assertThatThrownBy(() -> other.renderAnswers(ChatRequest.of(messages)))
                .hasMessageContaining("the answer in message 2")
                .hasMessageContaining("begins it otherwise than it asks");
    }
}
