package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.model.Config;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.ModelFamilies;
import org.jformers.tensor.MemoryBudget;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a {@code config.json} says, there is a model of modest size with a name in checkpoints for each parameter,
 * or the documented exception. {@link ConfigFuzz} makes further ones.
 */
@Timeout(300)
class ConfigFuzzTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    /** What the parameters of a model may take. */
    private static final long BYTES = 8 << 20;

    private static final List<JsonNode> WRONG = Stream.of(
            "null", "\"text\"", "-1", "0", "3", "4294967296", "1e30", "true", "[]", "[7, null]", "{}").map(text -> {
                try {
                    return MAPPER.readTree(text);
                } catch (JsonProcessingException e) {
                    throw new IllegalStateException(e);
                }
            }).toList();

    @TempDir
    private Path folder;

    /** The configurations of the golden models, each with every architecture of its family. */
    static List<ObjectNode> configs() throws IOException {
        List<ObjectNode> configs = new ArrayList<>();
        for (Path model : Fixtures.children(Fixtures.folder("models"))) {
            ObjectNode json = (ObjectNode) MAPPER.readTree(Files.readAllBytes(model.resolve("config.json")));
            ModelFamilies.of(json.get("model_type").textValue()).architectures().keySet().stream().sorted()
                    .forEach(name -> {
                        ObjectNode one = json.deepCopy();
                        one.putArray("architectures").add(name);
                        configs.add(one);
                    });
        }
        return configs;
    }

    static byte[] bytes(ObjectNode config) {
        return config.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void everyConfigurationOfAGoldenModelMakesAModel() throws IOException {
        List<ObjectNode> configs = configs();
        for (ObjectNode config : configs) {
            assertThat(build(folder, bytes(config))).as(config.toString()).isPositive();
        }
        assertThat(configs).hasSizeGreaterThan(200);
    }

    /** Each key of each in turn has a value of another kind, one that is too small, or one that is too large. */
    @Test
    void aWrongValueEndsInAModelOrInTheDocumentedException() throws IOException {
        List<String> others = new ArrayList<>();
        int refused = 0;
        int tried = 0;
        for (Path model : Fixtures.children(Fixtures.folder("models"))) {
            ObjectNode good = (ObjectNode) MAPPER.readTree(Files.readAllBytes(model.resolve("config.json")));
            for (Map.Entry<String, JsonNode> key : good.properties()) {
                ObjectNode wrong = good.deepCopy();
                wrong.set(key.getKey(), WRONG.get(tried++ % WRONG.size()));
                try {
                    build(folder, bytes(wrong));
                } catch (JformersException e) {
                    requireOneLine(e);
                    refused++;
                } catch (RuntimeException e) {
                    others.add(model.getFileName() + ": " + key.getKey() + " = " + wrong.get(key.getKey()) + ": "
                            + e.toString().lines().findFirst().orElse(""));
                }
            }
        }
        assertThat(others).isEmpty();
        assertThat(refused).isBetween(tried / 4, tried - 1);
    }

    /** How many names the model of a configuration has for its parameters. */
    static int build(Path folder, byte[] input) throws IOException {
        Files.write(folder.resolve("config.json"), input);
        try (MemoryBudget budget = new MemoryBudget(BYTES)) {
            Config config = AutoConfig.load(folder);
            ConfigJson.of(config);
            try (Model model = AutoModel.create(config, AutoModel.declaredTask(config), 1)) {
                return model.named(model.network().tensors()).size();
            }
        }
    }

    static void requireOneLine(JformersException e) {
        assertThat(e.getMessage().lines()).hasSize(1);
    }
}
