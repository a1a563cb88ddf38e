package org.jformers.text.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jformers.text.ForeignJson;

/**
 * The chat templates of a model folder: {@code chat_template.jinja} and {@code additional_chat_templates/NAME.jinja},
 * or else, where there is neither, {@code chat_template} of tokenizer_config.json, which is one template or a list of
 * templates with names. As in transformers 5.18, {@code chat_template.json}, which is a processor's, does not count.
 */
final class ChatTemplateFolder {
    private static final String DEFAULT = "default";
    private static final String WITH_TOOLS = "tool_use";
    private static final String ENDING = ".jinja";
    private static final String PROCESSORS = "chat_template.json";
    private static final JsonMapper JSON =
            ForeignJson.mapper().disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private final Path folder;
    private final JsonNode config;
    private final Map<String, String> sources;

    private ChatTemplateFolder(Path folder) {
        boolean gguf = Files.isRegularFile(folder) && folder.getFileName().toString().endsWith(".gguf");
        if (!gguf && !Files.isDirectory(folder)) {
            throw new ChatTemplateException("no such folder: " + folder);
        }
        this.folder = folder;
        config = gguf ? GgufTemplates.config(folder) : config(folder);
        sources = gguf ? new LinkedHashMap<>() : files(folder);
        if (sources.isEmpty()) {
            sources.putAll(entries(config, folder));
        }
        if (sources.isEmpty()) {
            throw new ChatTemplateException("no chat template in " + folder
                    + ", neither chat_template.jinja nor chat_template in tokenizer_config.json"
                    + (Files.exists(folder.resolve(PROCESSORS)) ? "; " + PROCESSORS + " is that of a processor" : ""));
        }
    }

    static ChatTemplate load(Path folder, String name) {
        return new ChatTemplateFolder(folder).parse(name);
    }

    /** The template that there is for conversations with or without tools. */
    static ChatTemplate load(Path folder, boolean tools) {
        ChatTemplateFolder templates = new ChatTemplateFolder(folder);
        return templates.parse(tools && templates.sources.containsKey(WITH_TOOLS) ? WITH_TOOLS : DEFAULT);
    }

    /** The text of the default template, if there is one. */
    static Optional<String> source(Path folder) {
        Map<String, String> sources = files(folder);
        if (sources.isEmpty()) {
            sources.putAll(entries(config(folder), folder));
        }
        return Optional.ofNullable(sources.get(DEFAULT));
    }

    private ChatTemplate parse(String name) {
        String source = sources.get(name);
        if (source == null) {
            throw new ChatTemplateException(
                    "no chat template '" + name + "' in " + folder + ", there are " + sources.keySet());
        }
        try {
            return ChatTemplate.parse(source, tokens());
        } catch (ChatTemplateException e) {
            throw new ChatTemplateException(e.getMessage() + ", in " + folder, e);
        }
    }

    private static Map<String, String> files(Path folder) {
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
        return sources;
    }

    private static Map<String, String> entries(JsonNode config, Path folder) {
        Map<String, String> entries = new LinkedHashMap<>();
        JsonNode node = config.path("chat_template");
        if (node.isTextual()) {
            entries.put(DEFAULT, node.textValue());
        }
        for (JsonNode entry : node) {
            if (!node.isArray() || !entry.path("name").isTextual() || !entry.path("template").isTextual()) {
                throw new ChatTemplateException(
                        "chat_template must be a text or a list of objects with name and template, in "
                                + folder.resolve("tokenizer_config.json"));
            }
            entries.put(entry.get("name").textValue(), entry.get("template").textValue());
        }
        return entries;
    }

    /**
     * The tokens with a role or another name, as templates name them. The reference reads special_tokens_map.json,
     * which then wins, only where tokenizer_config.json does not list the added tokens.
     */
    private Map<String, String> tokens() {
        Map<String, String> tokens = new LinkedHashMap<>();
        tokens(config, tokens);
        if (!config.has("added_tokens_decoder")) {
            tokens(json(folder.resolve("special_tokens_map.json")), tokens);
        }
        return tokens;
    }

    private static void tokens(JsonNode source, Map<String, String> tokens) {
        source.properties().forEach(field -> {
            if (field.getKey().endsWith("_token")) {
                token(field.getKey(), field.getValue(), tokens);
            }
        });
        for (String named : new String[] {"model_specific_special_tokens", "extra_special_tokens"}) {
            if (source.path(named).isObject()) {
                source.get(named).properties().forEach(field -> token(field.getKey(), field.getValue(), tokens));
            }
        }
    }

    private static void token(String name, JsonNode value, Map<String, String> tokens) {
        JsonNode token = value.isObject() ? value.path("content") : value;
        if (token.isTextual()) {
            tokens.put(name, token.textValue());
        }
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
            throw new ChatTemplateException("not valid JSON: " + ForeignJson.problem(e) + ", in " + file, e);
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
