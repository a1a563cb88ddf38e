package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
    void writesWhatTheReferenceWrites(String family) throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(
                RandomSettingsTest.class.getResource("/fixtures/generation/" + family)).toURI());
        List<String> different = new ArrayList<>();
        try (Model model = AutoModel.load(folder)) {
            Generator generator = new Generator(model);
            List<String> lines = Files.readAllLines(folder.resolve("records.jsonl"));
            assertThat(lines).hasSize(120);
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
        GenerationConfig config = GenerationConfigJson.parse(record.get("settings"), "records.jsonl");
        Controls controls = Controls.NONE.withSeed(record.get("seed").longValue());
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
