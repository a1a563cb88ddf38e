package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jformers.model.Config;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.ModelFamilies;
import org.jformers.nn.SpecLines;
import org.jformers.testkit.Conformance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a family makes of a golden model's configuration, and of as few of its keys as it can do with: a default that
 * changes shows here. {@code -Dgolden.update} writes the texts anew.
 */
final class SpecGoldenTest {
    private static final Path GOLDEN = Path.of("../cli/src/test/resources/golden/specs");
    // Their sources: what is behind the class path may be a jar, or this module's own fixtures.
    private static final Path MODELS = Path.of("../testkit/src/main/resources/fixtures/models");
    private static final ObjectMapper JSON = new ObjectMapper();

    static Stream<String> families() {
        return ModelFamilies.builtIn().stream().map(ModelFamily::modelType);
    }

    @ParameterizedTest
    @MethodSource("families")
    void isTheSpecThatIsKept(String family) throws IOException {
        ObjectNode whole = config(family);
        ObjectNode least = least(whole);
        List<String> lines = new ArrayList<>();
        lines.addAll(SpecLines.of("saved", (Record) spec(whole)));
        lines.add("");
        lines.add("keys = " + names(least));
        lines.addAll(SpecLines.of("least", (Record) spec(least)));
        String text = String.join("\n", lines) + "\n";
        Path file = GOLDEN.resolve(family + ".txt");
        if (System.getProperty("golden.update") != null) {
            Files.createDirectories(GOLDEN);
            Files.writeString(file, text);
        }

        assertThat(file).content().isEqualTo(text);
    }

    /** The configuration of a golden model of the family, the first by name. */
    private static ObjectNode config(String family) throws IOException {
        for (Path folder : Conformance.folders(MODELS)) {
            ObjectNode config = (ObjectNode) JSON.readTree(Files.readString(folder.resolve("config.json")));
            if (config.path("model_type").asText().equals(family)) {
                return config;
            }
        }
        throw new AssertionError("no golden model of " + family);
    }

    /** The same without each key that the family can do without, one after the other in alphabetical order. */
    private static ObjectNode least(ObjectNode whole) {
        ObjectNode least = whole.deepCopy();
        for (String key : names(whole)) {
            if (key.equals("model_type") || key.equals("architectures")) {
                continue;
            }
            ObjectNode without = least.deepCopy();
            without.remove(key);
            try {
                spec(without);
                least = without;
            } catch (RuntimeException e) {
                continue; // needed
            }
        }
        return least;
    }

    private static TreeSet<String> names(ObjectNode object) {
        TreeSet<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static ModelSpec spec(ObjectNode json) {
        return spec(ModelFamilies.of(json.get("model_type").asText()), AutoConfig.parse(json, "golden"));
    }

    private static <C extends Config> ModelSpec spec(ModelFamily<C> family, Config config) {
        return family.spec(family.configType().cast(config), AutoModel.declaredTask(config));
    }
}
