package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jformers.text.ForeignJson;

/**
 * The file that says which shard holds which tensor. Format: {@code model.safetensors.index.json} and
 * {@code pytorch_model.bin.index.json} of transformers.
 *
 * @param shards the shard's file name by tensor name, in the order of the file
 */
record ShardIndex(Map<String, String> shards) {
    /** Added to the name of the file that the shards replace. */
    static final String SUFFIX = ".index.json";

    static final String FILE = Checkpoint.SINGLE + SUFFIX;

    private static final long MAX_BYTES = 100_000_000;
    private static final JsonMapper JSON = ForeignJson.mapper().build();

    /**
     * Reads an index. Shards must be plain file names: an index comes from outside and must not point out of its
     * folder.
     *
     * @throws CheckpointException if it cannot be read or is malformed
     */
    static ShardIndex read(Path file) {
        JsonNode map;
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw broken("it has " + Files.size(file) + " bytes, at most " + MAX_BYTES + " are allowed", file);
            }
            map = JSON.readTree(Files.readAllBytes(file)).path("weight_map");
        } catch (JsonProcessingException e) {
            throw broken("not valid JSON: " + ForeignJson.problem(e), file);
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + file + ": " + CheckpointException.reason(e), e);
        }
        if (!map.isObject() || map.isEmpty()) {
            throw broken("weight_map must list tensor names and their files", file);
        }
        Map<String, String> shards = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            if (!entry.getValue().isTextual() || !isPlain(entry.getValue().textValue())) {
                throw broken("tensor " + quote(entry.getKey()) + " has shard " + quote(entry.getValue().asText())
                        + ", allowed are names of files in the same folder", file);
            }
            shards.put(entry.getKey(), entry.getValue().textValue());
        }
        return new ShardIndex(shards);
    }

    /** The file's content; {@code totalBytes} is the size of all tensors. */
    byte[] json(long totalBytes) {
        ObjectNode root = JSON.createObjectNode();
        root.putObject("metadata").put("total_size", totalBytes);
        ObjectNode map = root.putObject("weight_map");
        shards.forEach(map::put);
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of texts is always writable", e);
        }
    }

    private static boolean isPlain(String name) {
        return !name.isEmpty()
                && !name.startsWith(".")
                && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || Character.isISOControl(c));
    }

    private static CheckpointException broken(String what, Path file) {
        return new CheckpointException("not a shard index: " + what + ", in " + file);
    }
}
