package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jformers.model.Config;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.SpecJson;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.ModelFamilies;
import org.jformers.nn.stack.Decoder;
import org.jformers.nn.stack.Encoder;
import org.jformers.nn.stack.Stack;
import org.jformers.testkit.Conformance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A spec is what it was when it comes back from JSON. */
final class SpecJsonTest {

    private static final Path MODELS = Path.of("../testkit/src/main/resources/fixtures/models");

    static List<Path> folders() {
        return Conformance.folders(MODELS);
    }

    private static ModelSpec spec(Path folder) {
        Config config = AutoConfig.load(folder);
        return AutoModel.spec(config, AutoModel.declaredTask(config));
    }

    @ParameterizedTest
    @MethodSource("folders")
    void comesBackEqual(Path folder) {
        ModelSpec spec = spec(folder);
        String json = SpecJson.write((Record) spec);
        ModelSpec read = SpecJson.read(json, ModelSpec.class);
        assertThat(read).isEqualTo(spec);
        assertThat(read.describe()).isEqualTo(spec.describe()).isEqualTo(spec.toString());
        assertThat(SpecJson.write((Record) read)).isEqualTo(json);
    }

    @Test
    void allFamiliesAreAmongThem() throws IOException {
        Set<String> seen = folders().stream().map(SpecJsonTest::modelType).collect(Collectors.toSet());
        assertThat(seen).containsAll(ModelFamilies.builtIn().stream().map(ModelFamily::modelType).toList());
    }

    private static String modelType(Path folder) {
        try {
            JsonNode config = new JsonMapper().readTree(Files.readString(folder.resolve("config.json")));
            return config.path("model_type").asText();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void presetsAreStoredAndPrinted() {
        Stack.Spec decoder = Decoder.spec(5000, 96, 8, 6);
        assertThat(SpecJson.read(SpecJson.write(decoder), Stack.Spec.class)).isEqualTo(decoder);
        assertThat(decoder.toString()).startsWith("Stack\n  input = InputEmbedding").contains("blocks[0..7] = Block");
        Stack.Spec encoder = Encoder.spec(5000, 96, 2, 6);
        assertThat(SpecJson.read(SpecJson.write(encoder), Stack.Spec.class)).isEqualTo(encoder);
        assertThatThrownBy(() -> Encoder.spec(5000, 96, 2, 5)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("heads: got 5 for width 96, allowed divisors of the width");
    }

    @Test
    void whatIsNoSpecIsRefusedByName() {
        String json = SpecJson.write(Decoder.spec(50, 8, 1, 2));
        refuses(json.replace("nn.norm.RmsNorm.Spec", "nn.norm.NoSuchNorm.Spec"),
                "got type \"nn.norm.NoSuchNorm.Spec\"");
        refuses(json.replace("nn.norm.RmsNorm.Spec", "nn.mask.CausalMask"), "allowed records that are a nn.norm.Norm");
        refuses(json.replace("nn.norm.RmsNorm.Spec", "java.lang.Runtime"), "got type \"java.lang.Runtime\"");
        refuses(json.replaceFirst("\"entries\" : 50", "\"entries\" : \"50\""), "entries: got \"50\", allowed a whole");
        refuses(json.replaceFirst("\"entries\" : 50", "\"entrees\" : 50"), "got entrees, allowed [entries");
        refuses(json.replaceFirst("\"entries\" : 50,", ""), "entries: got nothing");
        refuses(json.replaceFirst("\"width\" : 8", "\"width\" : 9"), "width");
        refuses("{", "is no JSON");
        refuses("[]", "got []");
    }

    private static void refuses(String json, String message) {
        assertThatThrownBy(() -> SpecJson.read(json, Stack.Spec.class)).isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }
}
