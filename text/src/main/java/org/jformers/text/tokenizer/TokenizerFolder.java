package org.jformers.text.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jformers.text.ForeignJson;
import org.jspecify.annotations.Nullable;

/** The files of a tokenizer in a model folder. */
final class TokenizerFolder {
    static final List<String> ROLES = List.of(
            "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    // The reference takes the last of several values of one key.
    private static final JsonMapper JSON =
            ForeignJson.mapper().disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    private TokenizerFolder() {}

    /** Reads a JSON object. */
    static ObjectNode read(Path file) {
        try {
            JsonNode node = JSON.readTree(file.toFile());
            if (node instanceof ObjectNode object) {
                return object;
            }
            throw new TokenizerException("expected a JSON object, in " + file);
        } catch (JsonProcessingException e) {
            throw new TokenizerException("no valid JSON: " + ForeignJson.problem(e) + ", in " + file, e);
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The tokenizer_config.json of a folder, completed by special_tokens_map.json; empty without both. */
    static ObjectNode readConfig(Path folder) {
        ObjectNode config = readIfPresent(folder.resolve("tokenizer_config.json"));
        ObjectNode map = readIfPresent(folder.resolve("special_tokens_map.json"));
        for (String role : ROLES) {
            if (map.hasNonNull(role) && !config.hasNonNull(role)) {
                config.set(role, map.get(role));
            }
        }
        return config;
    }

    /** The tokens with a role of a folder's configuration, and nothing else of it. */
    static ObjectNode readRoles(Path folder) {
        return readConfig(folder).retain(ROLES);
    }

    /**
     * Writes all files. Byte-level BPE is GPT-2's class in Python, with its vocabulary files, provided that the tokens
     * exist which that class would otherwise add.
     */
    static void write(Path folder, ObjectNode json, ObjectNode config, boolean byteLevel) {
        JsonNode model = json.get("model");
        boolean byteLevelBpe = byteLevel && model.path("type").asText().equals("BPE");
        ObjectNode full = config.deepCopy();
        if (!full.hasNonNull("tokenizer_class")) {
            boolean complete = ROLES.subList(0, 3).stream().allMatch(full::hasNonNull);
            full.put("tokenizer_class", byteLevelBpe && complete ? "GPT2Tokenizer" : "PreTrainedTokenizerFast");
        }
        full.remove("added_tokens_decoder"); // tokenizer.json lists them, with their flags
        ROLES.stream().filter(full::hasNonNull).forEach(role -> full.put(role, roleToken(full, role)));
        for (String list : List.of("extra_special_tokens", "additional_special_tokens")) {
            if (full.get(list) instanceof ArrayNode tokens) {
                ArrayNode texts = full.putArray(list);
                tokens.forEach(token -> texts.add(TokenizerSettings.content(token)));
            }
        }
        if (!FolderTokenizers.rebuilds(json, full)) {
            if (RowDefaults.givesTypes(full)) { // the class that runs any tokenizer.json does not by itself
                full.putArray("model_input_names").add("input_ids").add("token_type_ids").add("attention_mask");
            }
            full.put("tokenizer_class", "PreTrainedTokenizerFast");
        }
        if (!full.has("clean_up_tokenization_spaces")) {
            full.put("clean_up_tokenization_spaces", false);
        }
        ObjectNode roles = JSON.createObjectNode();
        ROLES.stream().filter(full::hasNonNull).forEach(role -> roles.set(role, full.get(role)));
        createFolder(folder);
        if (byteLevelBpe) {
            writeAtomically(folder.resolve("vocab.json"), model.get("vocab").toString());
            writeAtomically(folder.resolve("merges.txt"), mergesText(model.get("merges")));
        }
        writeAtomically(folder.resolve("tokenizer.json"), ForeignJson.pretty(json));
        writeAtomically(folder.resolve("special_tokens_map.json"), ForeignJson.pretty(roles) + "\n");
        writeAtomically(folder.resolve("tokenizer_config.json"), ForeignJson.pretty(full) + "\n");
    }

    /** Writes vocabulary files as they are, and the configuration. */
    static void write(Path folder, Map<String, byte[]> files, ObjectNode config) {
        createFolder(folder);
        files.forEach((name, content) -> writeAtomically(folder.resolve(name), content));
        writeAtomically(folder.resolve("tokenizer_config.json"), ForeignJson.pretty(config) + "\n");
    }

    /** The ids of the tokens that a configuration gives a role. */
    static SpecialTokens roles(ObjectNode config, Tokenizer tokenizer) {
        return new SpecialTokens(
                role(config, "bos_token", tokenizer),
                role(config, "eos_token", tokenizer),
                role(config, "pad_token", tokenizer),
                role(config, "unk_token", tokenizer),
                role(config, "sep_token", tokenizer),
                role(config, "cls_token", tokenizer),
                role(config, "mask_token", tokenizer));
    }

    private static OptionalInt role(ObjectNode config, String role, Tokenizer tokenizer) {
        String token = roleToken(config, role);
        return token.isEmpty() ? OptionalInt.empty() : tokenizer.id(token);
    }

    /** The token with a role, empty if there is none. */
    static String roleToken(ObjectNode config, String role) {
        JsonNode token = config.path(role);
        return token.isObject() ? token.path("content").asText() : token.asText("");
    }

    /** The tokens that a configuration lists as {@code added_tokens_decoder}, by id. */
    static TreeMap<Integer, ObjectNode> addedTokens(ObjectNode config) {
        TreeMap<Integer, ObjectNode> tokens = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : config.path("added_tokens_decoder").properties()) {
            if (!entry.getKey().matches("\\d{1,9}") || !(entry.getValue() instanceof ObjectNode token)) {
                throw new TokenizerException("added_tokens_decoder must give each id an object, got \"" + entry.getKey()
                        + "\": " + entry.getValue() + ", in tokenizer_config.json");
            }
            tokens.put(Integer.parseInt(entry.getKey()), token);
        }
        return tokens;
    }

    private static void createFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new TokenizerException("cannot create folder " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Reads a JSON object; an empty one without the file. */
    static ObjectNode readIfPresent(Path file) {
        return Files.isRegularFile(file) ? read(file) : JSON.createObjectNode();
    }

    private static String mergesText(JsonNode merges) {
        StringBuilder text = new StringBuilder("#version: 0.2\n");
        merges.forEach(merge -> text.append(merge.get(0).textValue())
                .append(' ')
                .append(merge.get(1).textValue())
                .append('\n'));
        return text.toString();
    }

    private static void writeAtomically(Path file, String content) {
        writeAtomically(file, content.getBytes(StandardCharsets.UTF_8));
    }

    /** A reader sees the old file or the whole new one, never a part. */
    private static void writeAtomically(Path file, byte[] content) {
        Path temporary = null;
        try {
            temporary = Files.createTempFile(file.toAbsolutePath().getParent(), file.getFileName().toString(), ".tmp");
            Files.write(temporary, content);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            deleteQuietly(temporary);
            throw new TokenizerException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static void deleteQuietly(@Nullable Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // The failure that matters is on its way; the temporary file is harmless.
        }
    }
}
