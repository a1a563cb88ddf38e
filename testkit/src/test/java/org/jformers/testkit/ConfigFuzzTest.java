package org.jformers.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.model.AutoConfig;
import org.jformers.model.AutoModel;
import org.jformers.model.Config;
import org.jformers.model.Model;
import org.jformers.model.ModelFamilies;
import org.jformers.tensor.MemoryBudget;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a {@code config.json} says, there is a model of modest size with a name in checkpoints for each parameter,
 * or the documented exception. The build tries the configurations of the golden fixtures, with each architecture of
 * their families; with the profile {@code fuzz} Jazzer makes further ones from these (CONTRIBUTING.md).
 */
@Timeout(20)
class ConfigFuzzTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    /** What the parameters of a model may take. */
    private static final long BYTES = 8 << 20;

    @TempDir
    static Path folder;

    static Stream<byte[]> config() throws IOException, URISyntaxException {
        URI fixtures = Objects.requireNonNull(ConfigFuzzTest.class.getResource("/fixtures/models")).toURI();
        try (Stream<Path> folders = Files.list(Path.of(fixtures))) {
            return folders.sorted().toList().stream()
                    .map(one -> one.resolve("config.json"))
                    .flatMap(ConfigFuzzTest::architectures);
        }
    }

    private static Stream<byte[]> architectures(Path file) {
        try {
            ObjectNode json = (ObjectNode) MAPPER.readTree(Files.readAllBytes(file));
            return ModelFamilies.of(json.get("model_type").textValue()).architectures().keySet().stream()
                    .sorted()
                    .map(name -> {
                        json.putArray("architectures").add(name);
                        return json.toString().getBytes(StandardCharsets.UTF_8);
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void config(byte[] input) throws IOException {
        Files.write(folder.resolve("config.json"), input);
        try (MemoryBudget budget = new MemoryBudget(BYTES)) {
            Config config = AutoConfig.load(folder);
            try (Model model = AutoModel.create(config, AutoModel.declaredTask(config, "the input"), 1)) {
                assertThat(model.named(model.network().tensors())).isNotEmpty();
            }
            AutoConfig.toJson(config);
        } catch (JformersException e) {
            assertThat(e.getMessage().lines()).hasSize(1);
        }
    }
}
