package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Empty, one-token, only-special-token and over-long inputs give a result or one clear error, whatever the task. */
@Timeout(600)
class OddInputsTest {
    private static final Path FOLDER = Path.of("src/test/resources/pipelines");
    private static final JsonMapper MAPPER = new JsonMapper();

    private record Asked(Path model, String task) {
        @Override
        public String toString() {
            return task + " " + model.getFileName();
        }
    }

    static Stream<Asked> tasks() throws IOException {
        Set<Asked> asked = new LinkedHashSet<>();
        try (Stream<Path> models = Files.list(FOLDER)) {
            for (Path model : models.sorted().toList()) {
                for (String line : Files.readAllLines(model.resolve("calls.jsonl"))) {
                    String task = MAPPER.readTree(line).get("task").asText();
                    if (!task.contains("image") && !task.contains("speech") && !task.contains("audio")) {
                        asked.add(new Asked(model, task));
                    }
                }
            }
        }
        return asked.stream();
    }

    private static List<String> texts(Path model) throws IOException {
        JsonNode config = MAPPER.readTree(Files.readString(model.resolve("tokenizer_config.json")));
        List<String> texts = new ArrayList<>(
                List.of("", " ", "\t\n", "a", "\u0000", "\ud83d\ude00", "a ".repeat(3000)));
        StringBuilder all = new StringBuilder();
        for (String role : List.of("unk", "sep", "eos", "pad", "bos", "mask")) {
            if (config.path(role + "_token").isTextual()) {
                texts.add(config.get(role + "_token").textValue());
                all.append(config.get(role + "_token").textValue());
            }
        }
        texts.add(all.toString());
        texts.add(all.toString().repeat(100));
        return texts;
    }

    private static ObjectNode call(String task, String text) {
        ObjectNode call = MAPPER.createObjectNode();
        switch (task) {
            case "question-answering" -> call.putObject("inputs").put("question", text).put("context", text);
            case "sentence-similarity" -> call.put("inputs", text).put("source_sentence", text);
            case "reranking" -> call.put("query", text).putArray("inputs").add(text);
            case "zero-shot-classification" -> call.put("inputs", text).put("candidate_labels", "a,b");
            case "text-generation" -> call.put("inputs", text).put("max_new_tokens", 3).put("do_sample", false);
            case "summarization", "translation", "text2text-generation" ->
                call.put("inputs", text).put("max_new_tokens", 3);
            default -> call.put("inputs", text);
        }
        return call;
    }

    @ParameterizedTest
    @MethodSource("tasks")
    void giveAResultOrOneClearError(Asked asked) throws IOException {
        List<String> calls = new ArrayList<>();
        for (String text : texts(asked.model())) {
            calls.add(call(asked.task(), text).toString());
        }
        Run run = StandardInput.jformers(String.join("\n", calls),
                "run", asked.task(), "--model", asked.model().toString(), "--json");
        assertThat(run.out()).hasLineCount(calls.size());
        List<String> lines = run.out().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String error = MAPPER.readTree(lines.get(i)).path("error").asText();
            assertThat(error).as(calls.get(i).substring(0, Math.min(80, calls.get(i).length())))
                    .doesNotContain("Exception", "internal", "\n", "null").matches("(?s)|.*(got|takes more).*");
        }
    }
}
