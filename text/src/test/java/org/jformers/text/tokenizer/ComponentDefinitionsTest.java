package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/**
 * Definitions of components that are spoiled at every key are taken and refused as by the tokenizers library, and what
 * is taken does the same.
 */
final class ComponentDefinitionsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void takesAndRefusesWhatTheReferenceDoes() throws IOException {
        List<String> differences = new ArrayList<>();
        int lines = 0;
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(getClass().getResourceAsStream("/tokenizer-components.jsonl.gz")),
                StandardCharsets.UTF_8))) {
            JsonNode head = JSON.readTree(in.readLine());
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                ObjectNode expected = (ObjectNode) JSON.readTree(line);
                String part = expected.remove("part").textValue();
                JsonNode node = expected.remove("json");
                ObjectNode got = outcome(part, node.deepCopy(), head);
                String message = got.path("message").asText();
                got.remove("message");
                if (!got.equals(expected)) {
                    differences.add(part + " " + node + ": expected " + expected + ", got " + got + " " + message);
                }
                lines++;
            }
        }
        assertThat(lines).isGreaterThan(5000);
        assertThat(differences).isEmpty();
    }

    private static ObjectNode outcome(String part, JsonNode node, JsonNode head) {
        ObjectNode definition = TokenizerJson.empty();
        definition.set("model", head.get("model").deepCopy());
        if (part.equals("root")) {
            definition.setAll((ObjectNode) node);
        } else {
            definition.set(part, node);
        }
        ObjectNode result = JSON.createObjectNode();
        Tokenizer tokenizer;
        try {
            tokenizer = TokenizerJson.of(definition, JSON.createObjectNode());
        } catch (TokenizerException e) {
            return result.put("refused", true).put("message", e.getMessage());
        }
        try {
            if (part.equals("decoder")) {
                ArrayNode texts = result.putArray("texts");
                for (JsonNode ids : head.get("ids")) {
                    texts.add(tokenizer.decodeWithSpecialTokens(JSON.convertValue(ids, int[].class)));
                }
            } else if (!part.equals("root")) {
                ArrayNode ids = result.putArray("ids");
                head.get("texts").forEach(text ->
                        ids.add(JSON.valueToTree(tokenizer.encode(text.textValue()).ids())));
                if (part.equals("post_processor")) {
                    result.set("pair", JSON.valueToTree(tokenizer.encode(
                            head.at("/texts/0").textValue(), head.at("/texts/1").textValue()).ids()));
                }
            }
            return result;
        } catch (TokenizerException e) {
            return JSON.createObjectNode().put("refused", true).put("message", e.getMessage());
        }
    }
}
