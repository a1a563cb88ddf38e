package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Model folders from before tokenizer.json: their vocabulary files, put into the form of one. */
final class LegacyTokenizers {

    private LegacyTokenizers() {}

    static Tokenizer load(Path folder, ObjectNode config) {
        if (Files.isRegularFile(folder.resolve("vocab.json")) && Files.isRegularFile(folder.resolve("merges.txt"))) {
            return byteLevel(folder, config);
        }
        if (Files.isRegularFile(folder.resolve("vocab.txt"))) {
            return bert(folder, config);
        }
        throw new TokenizerException(
                "no tokenizer found: looked for tokenizer.json, vocab.json with merges.txt, and vocab.txt");
    }

    /** GPT-2 and RoBERTa. */
    private static Tokenizer byteLevel(Path folder, ObjectNode config) {
        ObjectNode vocabulary = TokenizerFolder.read(folder.resolve("vocab.json"));
        boolean roberta = config.path("tokenizer_class").asText().startsWith("Roberta")
                || (!config.has("tokenizer_class") && vocabulary.has("<mask>"));
        boolean prefixSpace = config.path("add_prefix_space").asBoolean(false);
        if (roberta) {
            roles(config, "bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>", "sep_token", "</s>",
                    "pad_token", "<pad>", "cls_token", "<s>", "mask_token", "<mask>");
        } else {
            roles(config, "bos_token", "<|endoftext|>", "eos_token", "<|endoftext|>", "unk_token", "<|endoftext|>");
        }
        ObjectNode json = TokenizerJson.empty();
        for (String role : TokenizerFolder.ROLES) {
            boolean mask = role.equals("mask_token");
            addSpecial(json, vocabulary, roleToken(config, role), mask, !mask);
        }
        byteLevelPart(json.putObject("pre_tokenizer"), prefixSpace, true);
        byteLevelPart(json.putObject("decoder"), true, true);
        ObjectNode post = json.putObject("post_processor");
        if (roberta) {
            post.put("type", "RobertaProcessing");
            post.putArray("sep").add(roleToken(config, "sep_token")).add(idOf(vocabulary, config, "sep_token"));
            post.putArray("cls").add(roleToken(config, "cls_token")).add(idOf(vocabulary, config, "cls_token"));
            post.put("trim_offsets", true).put("add_prefix_space", prefixSpace);
        } else {
            byteLevelPart(post, true, false);
        }
        ObjectNode model = json.putObject("model");
        model.put("type", "BPE").putNull("dropout").putNull("unk_token");
        model.put("continuing_subword_prefix", "").put("end_of_word_suffix", "");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        model.set("vocab", vocabulary);
        ArrayNode merges = model.putArray("merges");
        List<String> lines = lines(folder.resolve("merges.txt"));
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isEmpty() && !(i == 0 && lines.get(i).startsWith("#version"))) {
                merges.add(lines.get(i));
            }
        }
        return TokenizerJson.of(json, config);
    }

    private static Tokenizer bert(Path folder, ObjectNode config) {
        roles(config, "unk_token", "[UNK]", "sep_token", "[SEP]", "pad_token", "[PAD]", "cls_token", "[CLS]",
                "mask_token", "[MASK]");
        ObjectNode json = TokenizerJson.empty();
        ObjectNode model = json.putObject("model");
        model.put("type", "WordPiece").put("unk_token", roleToken(config, "unk_token"));
        model.put("continuing_subword_prefix", "##").put("max_input_chars_per_word", 100);
        ObjectNode vocabulary = model.putObject("vocab");
        List<String> lines = lines(folder.resolve("vocab.txt"));
        for (int id = 0; id < lines.size(); id++) {
            vocabulary.put(lines.get(id), id);
        }
        TokenizerFolder.ROLES.forEach(role -> addSpecial(json, vocabulary, roleToken(config, role), false, false));
        ObjectNode normalizer = json.putObject("normalizer");
        normalizer.put("type", "BertNormalizer").put("clean_text", true);
        normalizer.put("handle_chinese_chars", config.path("tokenize_chinese_chars").asBoolean(true));
        normalizer.set("strip_accents", config.get("strip_accents"));
        normalizer.put("lowercase", config.path("do_lower_case").asBoolean(true));
        json.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        ObjectNode post = json.putObject("post_processor").put("type", "BertProcessing");
        post.putArray("sep").add(roleToken(config, "sep_token")).add(idOf(vocabulary, config, "sep_token"));
        post.putArray("cls").add(roleToken(config, "cls_token")).add(idOf(vocabulary, config, "cls_token"));
        json.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        return TokenizerJson.of(json, config);
    }

    /** Roles that the files do not give get their usual token. */
    private static void roles(ObjectNode config, String... roleAndToken) {
        for (int i = 0; i < roleAndToken.length; i += 2) {
            if (!config.has(roleAndToken[i])) {
                config.put(roleAndToken[i], roleAndToken[i + 1]);
            }
        }
    }

    private static String roleToken(ObjectNode config, String role) {
        return config.path(role).isObject()
                ? config.get(role).path("content").asText()
                : config.path(role).asText("");
    }

    private static int idOf(ObjectNode vocabulary, ObjectNode config, String role) {
        String token = roleToken(config, role);
        if (!vocabulary.has(token)) {
            throw new TokenizerException(role + " \"" + token + "\" is not in the vocabulary");
        }
        return vocabulary.get(token).asInt();
    }

    private static void addSpecial(
            ObjectNode json, ObjectNode vocabulary, String token, boolean lstrip, boolean normalized) {
        ArrayNode list = (ArrayNode) json.get("added_tokens");
        boolean known = list.findValuesAsText("content").contains(token);
        if (token.isEmpty() || known || !vocabulary.has(token)) {
            return;
        }
        ObjectNode node = list.addObject();
        node.set("id", vocabulary.get(token));
        node.put("content", token).put("single_word", false).put("lstrip", lstrip).put("rstrip", false);
        node.put("normalized", normalized).put("special", true);
    }

    private static void byteLevelPart(ObjectNode node, boolean prefixSpace, boolean trimOffsets) {
        node.put("type", "ByteLevel").put("add_prefix_space", prefixSpace).put("trim_offsets", trimOffsets);
        node.put("use_regex", true);
    }

    private static List<String> lines(Path file) {
        try {
            String text = Files.readString(file);
            String body = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
            return List.of(body.split("\r?\n", -1));
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
