package org.jformers.generation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jformers.checkpoint.SafetensorsFile;

/** Model folders of the reference library with what it generated. */
record Golden(Path folder, JsonNode json) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static Golden of(String name) {
        try {
            URL url = Objects.requireNonNull(Golden.class.getResource("/fixtures/models/" + name), name);
            Path folder = Path.of(url.toURI());
            return new Golden(folder, MAPPER.readTree(Files.readString(folder.resolve("golden.json"))));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder of a small model whose texts under random settings are known. */
    static Path writer(String family) {
        try {
            return Path.of(Objects.requireNonNull(
                    Golden.class.getResource("/fixtures/generation/" + family), family).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(family, e);
        }
    }

    List<JsonNode> records() {
        return json.get("generation").valueStream().toList();
    }

    /** The inputs of a record; the caller closes them by scope. */
    Map<String, Tensor> inputs(String prefix) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("golden.safetensors"))) {
            for (String name : file.tensors().keySet()) {
                if (name.startsWith(prefix + "in.")) {
                    inputs.put(name.substring(prefix.length() + 3), file.tensor(name).clone());
                }
            }
        }
        return inputs;
    }

    /** The folder's settings with those of a record on top, as the reference merges them. */
    GenerationConfig config(JsonNode kwargs) {
        try {
            Path file = folder.resolve("generation_config.json");
            ObjectNode merged = Files.exists(file)
                    ? (ObjectNode) MAPPER.readTree(Files.readString(file))
                    : MAPPER.createObjectNode();
            merged.setAll((ObjectNode) kwargs.deepCopy());
            return GenerationConfigJson.parse(merged, file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long[][] rows(JsonNode lists) {
        return lists.valueStream()
                .map(row -> row.valueStream().mapToLong(JsonNode::longValue).toArray())
                .toArray(long[][]::new);
    }
}
