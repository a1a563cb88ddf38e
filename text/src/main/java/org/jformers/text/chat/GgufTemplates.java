package org.jformers.text.chat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.jformers.text.gguf.GgufMetadata;

/** The chat templates in a GGUF file, as a folder's tokenizer_config.json would have them with the tokens they name. */
final class GgufTemplates {
    private static final String TEMPLATE = "tokenizer.chat_template";

    private GgufTemplates() {}

    static ObjectNode config(Path file) {
        GgufMetadata metadata = GgufMetadata.read(file);
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        ArrayNode templates = config.putArray("chat_template");
        metadata.values().keySet().stream().filter(key -> key.startsWith(TEMPLATE)).forEach(key -> {
            String name = key.equals(TEMPLATE) ? "default" : key.substring(TEMPLATE.length() + 1);
            if (metadata.values().get(key) instanceof String text) {
                templates.addObject().put("name", name).put("template", text);
            }
        });
        String listed = "tokenizer.ggml.tokens";
        List<String> tokens = metadata.has(listed) ? metadata.texts(listed) : List.of();
        for (String role : List.of("bos", "eos", "unknown", "padding")) {
            String key = "tokenizer.ggml." + role + "_token_id";
            if (metadata.has(key) && metadata.integer(key) >= 0 && metadata.integer(key) < tokens.size()) {
                String name = role.equals("unknown") ? "unk" : role.equals("padding") ? "pad" : role;
                config.put(name + "_token", tokens.get((int) metadata.integer(key)));
            }
        }
        config.putObject("added_tokens_decoder"); // the tokens are these, none stands in another file
        return config;
    }
}
