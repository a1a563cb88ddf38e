package org.jformers.text.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Any text as a template ends in a rendering or in the documented exception: no other one, no crash, and soon. These
 * are damaged copies of the golden templates; {@link TemplateFuzz} makes further ones.
 */
@Timeout(60)
class TemplateFuzzTest {
    private static final int DAMAGED = 3_000;
    private static final List<String> PIECES = List.of(
            "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "|", "(", ")", "[", "]", "'", "\"", ".", ":", ",", "~", "**",
            "for x in ", "endfor", "if ", "else", "set ", "macro m()", "block b", " is ", " not ", " 9 ", "\n", "\\",
            "\0", "range(9999)", "| list", "| batch(3)", "* 99999", "'%s' % ", ".format(", "loop",
            "\uD83D", "\u5b57", "{}");
    private static final ChatRequest REQUEST = ChatRequest.builder(List.of(Map.of("role", "user", "content", "a<b>")))
            .tools(List.of(Map.of("name", "f", "parameters", Map.of("x", 1.5)))).build();

    /** Damaged templates, the same ones each time. */
    static Stream<byte[]> templates() throws IOException {
        List<String> good = new ArrayList<>();
        for (String file : List.of("snippets.jsonl", "random.jsonl")) {
            GoldenChatTest.lines(file).stream().skip(1).forEach(line -> good.add(line.get("template").textValue()));
        }
        good.addAll(List.of(GoldenChatTest.resource("templates/qwen3-thinking.jinja"),
                GoldenChatTest.resource("templates/gptoss-schema.jinja"),
                GoldenChatTest.resource("templates/mistral-tools.jinja")));
        Random random = new Random(1);
        return Stream.generate(() -> damaged(good, random)).limit(DAMAGED)
                .map(template -> template.getBytes(StandardCharsets.UTF_8));
    }

    private static String damaged(List<String> good, Random random) {
        StringBuilder template = new StringBuilder(good.get(random.nextInt(good.size())));
        for (int change = random.nextInt(4); change >= 0; change--) {
            int at = random.nextInt(template.length() + 1);
            int end = Math.min(template.length(), at + random.nextInt(9));
            switch (random.nextInt(4)) {
                case 0 -> template.delete(at, end);
                case 1 -> template.insert(at, PIECES.get(random.nextInt(PIECES.size())));
                case 2 -> template.insert(at, template.substring(at, end));
                default -> {
                    String other = good.get(random.nextInt(good.size()));
                    int from = random.nextInt(other.length() + 1);
                    template.insert(at, other, from, Math.min(other.length(), from + 20));
                }
            }
        }
        return template.toString();
    }

    @Test
    void endInARenderingOrInTheDocumentedException() throws IOException {
        long refused = templates().filter(template -> !renders(template)).count();

        assertThat(refused).as("damaged templates that are refused").isBetween(DAMAGED / 4L, DAMAGED - 1L);
    }

    /** Whether it renders; if not, for the documented reason. */
    static boolean renders(byte[] template) {
        try {
            ChatTemplate.parse(new String(template, StandardCharsets.UTF_8)).render(REQUEST);
            return true;
        } catch (ChatTemplateException e) {
            assertThat(e.getMessage().length()).isLessThan(1000);
            return false;
        }
    }
}
