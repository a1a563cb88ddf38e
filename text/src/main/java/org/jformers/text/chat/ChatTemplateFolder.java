package org.jformers.text.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The chat templates of a model folder: {@code chat_template.jinja} with {@code additional_chat_templates/NAME.jinja},
 * or else {@code chat_template} of tokenizer_config.json, which is one template or a list of templates with names.
 */
final class ChatTemplateFolder {
    private static final String DEFAULT = "default";
    private static final String ENDING = ".jinja";
    private static final JsonMapper JSON = new JsonMapper();

    private ChatTemplateFolder() {}

    static ChatTemplate load(Path folder, String name) {
        if (!Files.isDirectory(folder)) {
            throw new ChatTemplateException("no such folder: " + folder);
        }
        JsonNode config = config(folder);
        Map<String, String> sources = sources(folder, config);
        String source = sources.get(name);
        if (source == null) {
            throw new ChatTemplateException(sources.isEmpty()
                    ? "no chat template in " + folder + ", neither chat_template.jinja nor chat_template in "
                            + "tokenizer_config.json"
                    : "no chat template '" + name + "' in " + folder + ", there are " + sources.keySet());
        }
        try {
            return ChatTemplate.parse(source, tokens(folder, config));
        } catch (ChatTemplateException e) {
            throw new ChatTemplateException(e.getMessage() + ", in " + folder, e);
        }
    }

    private static Map<String, String> sources(Path folder, JsonNode config) {
        Map<String, String> sources = new LinkedHashMap<>();
        Path file = folder.resolve("chat_template" + ENDING);
        Path more = folder.resolve("additional_chat_templates");
        if (Files.isRegularFile(file)) {
            sources.put(DEFAULT, read(file));
        }
        if (Files.isDirectory(more)) {
            try (Stream<Path> files = Files.list(more)) {
                files.filter(path -> path.toString().endsWith(ENDING)).sorted().forEach(path -> {
                    String name = path.getFileName().toString();
                    sources.put(name.substring(0, name.length() - ENDING.length()), read(path));
                });
            } catch (IOException e) {
                throw new ChatTemplateException("cannot read " + more + ": " + e.getMessage(), e);
            }
        }
        JsonNode node = config.path("chat_template");
        if (node.isTextual()) {
            sources.putIfAbsent(DEFAULT, node.textValue());
        }
        for (JsonNode entry : node) {
            if (!entry.path("name").isTextual() || !entry.path("template").isTextual()) {
                throw new ChatTemplateException(
                        "chat_template must be a text or a list of objects with name and template, in "
                                + folder.resolve("tokenizer_config.json"));
            }
            sources.putIfAbsent(entry.get("name").textValue(), entry.get("template").textValue());
        }
        return sources;
    }

    /** The tokens with a role, as templates name them. */
    private static Map<String, String> tokens(Path folder, JsonNode config) {
        Map<String, String> tokens = new LinkedHashMap<>();
        for (JsonNode source : new JsonNode[] {json(folder.resolve("special_tokens_map.json")), config}) {
            source.properties().forEach(field -> {
                JsonNode token = field.getValue().isObject() ? field.getValue().path("content") : field.getValue();
                if (field.getKey().endsWith("_token") && token.isTextual()) {
                    tokens.put(field.getKey(), token.textValue());
                }
            });
        }
        return tokens;
    }

    private static JsonNode config(Path folder) {
        return json(folder.resolve("tokenizer_config.json"));
    }

    private static JsonNode json(Path file) {
        if (!Files.isRegularFile(file)) {
            return JSON.createObjectNode();
        }
        try {
            return JSON.readTree(read(file));
        } catch (JsonProcessingException e) {
            throw new ChatTemplateException("not valid JSON: "
                    + e.getOriginalMessage().lines().findFirst().orElse("") + ", in " + file, e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ChatTemplateException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
