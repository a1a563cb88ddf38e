package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random settings of every kind, searches and draws: what the reference writes with the same weights and seeds, made by
 * {@code tools/golden/make_generation_fixtures.py}.
 */
final class RandomSettingsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "t5", "bart"})
    void writesWhatTheReferenceWrites(String family) throws IOException {
        compare(family, "records.jsonl", 120);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2"})
    void isGuidedAsTheReferenceIs(String family) throws IOException {
        compare(family, "guided.jsonl", 40);
    }

    private static void compare(String family, String file, int count) throws IOException {
        Path folder = Golden.writer(family);
        List<String> different = new ArrayList<>();
        try (Model model = AutoModel.load(folder)) {
            Generator generator = new Generator(model);
            List<String> lines = Files.readAllLines(folder.resolve(file));
            assertThat(lines).hasSize(count);
            for (int i = 0; i < lines.size(); i++) {
                JsonNode record = MAPPER.readTree(lines.get(i));
                String got = written(generator, record);
                if (!got.equals(record.get("sequences").toString())) {
                    different.add(i + " " + record.get("settings") + "\n  got " + got + "\n  for "
                            + record.get("sequences"));
                }
            }
        }
        assertThat(different).isEmpty();
    }

    private static String written(Generator generator, JsonNode record) {
        List<int[]> prompts = record.get("prompts").valueStream()
                .map(row -> row.valueStream().mapToInt(JsonNode::intValue).toArray())
                .toList();
        GenerationConfig config = GenerationConfigJson.parse(record.get("settings"), "the record");
        Controls controls = Controls.NONE.withSeed(record.get("seed").longValue());
        if (record.has("negative")) {
            controls = controls.withNegativePrompt(
                    record.get("negative").valueStream().map(JsonNode::intValue).toList());
        }
        List<Continuation> all =
                generator.generate(prompts, config, controls).stream().flatMap(List::stream).toList();
        for (int i = 0; record.has("scores") && i < all.size(); i++) {
            double score = record.get("scores").get(i).doubleValue();
            double got = all.get(i).score().orElseThrow();
            if (Math.abs(got - score) > 1e-4 * (1 + Math.abs(score))) {
                return "score " + got + " where " + score + " is right";
            }
        }
        return MAPPER.valueToTree(all.stream().map(Continuation::ids).toList()).toString();
    }
}
