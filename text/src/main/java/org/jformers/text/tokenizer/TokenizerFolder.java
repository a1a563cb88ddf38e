package org.jformers.text.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The files of a tokenizer in a model folder. */
final class TokenizerFolder {
    static final List<String> ROLES = List.of(
            "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

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
            throw new TokenizerException("not valid JSON: " + e.getOriginalMessage().lines().findFirst().orElse("")
                    + position(e) + ", in " + file, e);
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
        if (!full.has("clean_up_tokenization_spaces")) {
            full.put("clean_up_tokenization_spaces", false);
        }
        ObjectNode roles = JSON.createObjectNode();
        ROLES.stream().filter(full::hasNonNull).forEach(role -> roles.set(role, full.get(role)));
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new TokenizerException("cannot create folder " + folder + ": " + e.getMessage(), e);
        }
        if (byteLevelBpe) {
            writeAtomically(folder.resolve("vocab.json"), model.get("vocab").toString());
            writeAtomically(folder.resolve("merges.txt"), mergesText(model.get("merges")));
        }
        writeAtomically(folder.resolve("tokenizer.json"), json.toPrettyString());
        writeAtomically(folder.resolve("special_tokens_map.json"), roles.toPrettyString() + "\n");
        writeAtomically(folder.resolve("tokenizer_config.json"), full.toPrettyString() + "\n");
    }

    private static ObjectNode readIfPresent(Path file) {
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

    private static String position(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
    }

    /** A reader sees the old file or the whole new one, never a part. */
    private static void writeAtomically(Path file, String content) {
        Path temporary = null;
        try {
            temporary = Files.createTempFile(file.toAbsolutePath().getParent(), file.getFileName().toString(), ".tmp");
            Files.write(temporary, content.getBytes(StandardCharsets.UTF_8));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            deleteQuietly(temporary);
            throw new TokenizerException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // The failure that matters is on its way; the temporary file is harmless.
        }
    }
}
