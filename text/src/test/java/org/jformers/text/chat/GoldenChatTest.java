package org.jformers.text.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every snippet and every template gives the text that Python's Jinja gives, or fails where that fails. */
final class GoldenChatTest {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .build();
    private static final LocalDateTime NOW = LocalDateTime.of(2024, 7, 5, 9, 4, 3);

    static String resource(String name) {
        try (InputStream in = GoldenChatTest.class.getResourceAsStream("/chat/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<JsonNode> lines(String name) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : resource(name).split("\n")) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static Object plain(JsonNode node) {
        return JSON.convertValue(node, Object.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"snippets.jsonl", "random.jsonl"})
    void snippetsGiveWhatTheReferenceGives(String file) throws IOException {
        List<JsonNode> lines = lines(file);
        ChatRequest.Builder request = ChatRequest.builder(List.of()).now(NOW);
        lines.get(0).get("variables").properties().forEach(field ->
                request.variable(field.getKey(), plain(field.getValue())));
        List<String> differences = new ArrayList<>();
        for (JsonNode line : lines.subList(1, lines.size())) {
            String template = line.get("template").textValue();
            compare(line, template, differences, () -> ChatTemplate.parse(template).render(request.build()));
        }
        assertThat(lines).hasSizeGreaterThan(300);
        assertThat(differences).isEmpty();
    }

    @Test
    void templatesGiveWhatTheReferenceGives() throws IOException {
        List<JsonNode> lines = lines("renderings.jsonl");
        JsonNode conversations = lines.get(0).get("conversations");
        Map<String, ChatTemplate> templates = new LinkedHashMap<>();
        lines.get(0).get("tokens").properties().forEach(entry -> {
            Map<String, String> tokens = new LinkedHashMap<>();
            entry.getValue().properties().forEach(token -> tokens.put(token.getKey(), token.getValue().textValue()));
            String source = resource("templates/" + entry.getKey() + ".jinja");
            templates.put(entry.getKey(), ChatTemplate.parse(source, tokens));
        });
        List<String> differences = new ArrayList<>();
        for (JsonNode line : lines.subList(1, lines.size())) {
            ChatTemplate template = templates.get(line.get("template").textValue());
            JsonNode conversation = conversations.get(line.get("conversation").textValue());
            ChatRequest request = request(conversation, line.get("prompt").booleanValue());
            String name = line.get("template").textValue() + " with " + line.get("conversation").textValue();
            compare(line, name, differences, () -> template.render(request));
        }
        assertThat(templates).hasSizeGreaterThanOrEqualTo(25);
        assertThat(differences).isEmpty();
    }

    private static ChatRequest request(JsonNode conversation, boolean prompt) {
        ChatRequest.Builder request = ChatRequest.builder((List<?>) plain(conversation.get("messages")))
                .now(NOW).addGenerationPrompt(prompt);
        if (conversation.has("tools")) {
            request.tools((List<?>) plain(conversation.get("tools")));
        }
        if (conversation.has("documents")) {
            request.documents((List<?>) plain(conversation.get("documents")));
        }
        conversation.path("variables").properties().forEach(field ->
                request.variable(field.getKey(), plain(field.getValue())));
        return request.build();
    }

    private interface Renders {
        Rendering render();
    }

    private static void compare(JsonNode line, String name, List<String> differences, Renders renders) {
        Rendering rendering;
        try {
            rendering = renders.render();
        } catch (ChatTemplateException e) {
            if (!line.has("error")) {
                differences.add(name + ": expected " + line.get("expected") + ", got the error " + e.getMessage());
            } else if (line.get("error").textValue().contains(" ") && !e.getMessage().contains(
                    line.get("error").textValue())) {
                differences.add(name + ": expected the error " + line.get("error") + ", got " + e.getMessage());
            } else if (!e.getMessage().matches("(?s)chat template, line \\d+: .*")) {
                differences.add(name + ": the error names no line: " + e.getMessage());
            }
            return;
        } catch (RuntimeException e) {
            differences.add(name + ": " + e);
            return;
        }
        String text = rendering.text();
        if (line.has("error")) {
            differences.add(name + ": expected the error " + line.get("error") + ", got " + text);
        } else if (!text.equals(line.get("expected").textValue())) {
            differences.add(name + ": expected " + line.get("expected") + ", got " + JSON.valueToTree(text));
        } else if (line.has("generated")) {
            List<List<Integer>> spans = rendering.generated().stream().map(span -> List.of(
                    text.codePointCount(0, span.start()), text.codePointCount(0, span.end()))).toList();
            if (!Objects.equals(spans.toString(), plain(line.get("generated")).toString())) {
                differences.add(name + ": expected spans " + line.get("generated") + ", got " + spans);
            }
        }
    }
}
