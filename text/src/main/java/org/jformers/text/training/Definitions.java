package org.jformers.text.training;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jformers.text.tokenizer.TokenizerException;

/** Parts of tokenizer.json that the trainers share. */
final class Definitions {
    /** The roles that tokens have by their usual names. */
    private static final Map<String, List<String>> ROLES = Map.ofEntries(
            Map.entry("<|endoftext|>", List.of("bos_token", "eos_token", "unk_token")),
            Map.entry("<s>", List.of("bos_token", "cls_token")),
            Map.entry("</s>", List.of("eos_token", "sep_token")),
            Map.entry("<pad>", List.of("pad_token")),
            Map.entry("<unk>", List.of("unk_token")),
            Map.entry("<mask>", List.of("mask_token")),
            Map.entry("[PAD]", List.of("pad_token")),
            Map.entry("[UNK]", List.of("unk_token")),
            Map.entry("[CLS]", List.of("cls_token")),
            Map.entry("[SEP]", List.of("sep_token")),
            Map.entry("[MASK]", List.of("mask_token")));

    private Definitions() {}

    /** Special tokens have the first ids. */
    static void addSpecialTokens(ObjectNode definition, List<String> specialTokens) {
        for (int id = 0; id < specialTokens.size(); id++) {
            ObjectNode token = definition.withArray("added_tokens").addObject();
            token.put("id", id).put("content", specialTokens.get(id)).put("single_word", false);
            token.put("lstrip", false).put("rstrip", false).put("normalized", false).put("special", true);
        }
    }

    /** The tokenizer_config.json: every special token with a usual name has its role. */
    static ObjectNode config(List<String> specialTokens) {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        for (String token : specialTokens) {
            ROLES.getOrDefault(token, List.of()).stream()
                    .filter(role -> !config.has(role))
                    .forEach(role -> config.put(role, token));
        }
        return config;
    }

    /** BPE, but for its vocabulary and merges; an empty mark or token is none. */
    static void bpe(ObjectNode definition, String unknown, String prefix, String suffix) {
        ObjectNode model = definition.putObject("model").put("type", "BPE").putNull("dropout");
        model.put("unk_token", unknown.isEmpty() ? null : unknown);
        model.put("continuing_subword_prefix", prefix.isEmpty() ? null : prefix);
        model.put("end_of_word_suffix", suffix.isEmpty() ? null : suffix);
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    }

    /** Cleans the text and cuts it into words as BERT does. */
    static void bertWords(ObjectNode definition, boolean lowercase) {
        ObjectNode normalizer = definition.putObject("normalizer").put("type", "BertNormalizer");
        normalizer.put("clean_text", true).put("handle_chinese_chars", true);
        normalizer.putNull("strip_accents").put("lowercase", lowercase);
        definition.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
    }

    /** Special tokens must differ, and be fewer than the tokens. */
    static void check(List<String> specialTokens, int vocabSize, int others) {
        if (specialTokens.stream().distinct().count() != specialTokens.size() || specialTokens.contains("")) {
            throw new TokenizerException(
                    "special tokens must differ and not be empty, got " + String.join(", ", specialTokens));
        }
        if (vocabSize < specialTokens.size() + others) {
            throw new TokenizerException("vocabulary size must be >= " + (specialTokens.size() + others) + " for "
                    + specialTokens.size() + " special tokens" + (others > 0 ? " and the bytes" : "") + ", got "
                    + vocabSize);
        }
    }

    /** A token with a role must be a special token. */
    static void require(String role, String token, List<String> specialTokens) {
        if (!specialTokens.contains(token)) {
            throw new TokenizerException(role + " token \"" + token + "\" must be a special token, these are "
                    + String.join(", ", specialTokens));
        }
    }

    /** A template that puts a token before and after every text. */
    static void surround(ObjectNode definition, List<String> specialTokens, String before, String after) {
        ObjectNode template = definition.putObject("post_processor").put("type", "TemplateProcessing");
        piece(template, "single", "SpecialToken", before, 0);
        piece(template, "single", "Sequence", "A", 0);
        piece(template, "single", "SpecialToken", after, 0);
        piece(template, "pair", "SpecialToken", before, 0);
        piece(template, "pair", "Sequence", "A", 0);
        piece(template, "pair", "SpecialToken", after, 0);
        piece(template, "pair", "Sequence", "B", 1);
        piece(template, "pair", "SpecialToken", after, 1);
        ObjectNode tokens = template.putObject("special_tokens");
        for (String token : List.of(before, after)) {
            require("template", token, specialTokens);
            ObjectNode entry = tokens.putObject(token).put("id", token);
            entry.putArray("ids").add(specialTokens.indexOf(token));
            entry.putArray("tokens").add(token);
        }
    }

    private static void piece(ObjectNode template, String field, String kind, String id, int type) {
        template.withArray(field).addObject().putObject(kind).put("id", id).put("type_id", type);
    }
}
