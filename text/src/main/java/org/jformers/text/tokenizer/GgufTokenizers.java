package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.text.gguf.GgufMetadata;

/**
 * The tokenizer inside a GGUF file, as {@code tokenizer.ggml.*} describes it: sentencepiece BPE (llama), byte-level BPE
 * (gpt2), WordPiece (bert) and unigram (t5). Reference: the GGUF specification and llama.cpp.
 */
final class GgufTokenizers {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;

    private final GgufMetadata metadata;
    private final List<String> tokens;
    private final Map<String, Integer> ids = new HashMap<>();
    private final ObjectNode vocabulary = JsonNodeFactory.instance.objectNode();
    private final Definition definition = new Definition(JsonNodeFactory.instance.objectNode());

    private GgufTokenizers(GgufMetadata metadata) {
        this.metadata = metadata;
        boolean bert = metadata.text(PREFIX + "model").equals("bert");
        long[] types = types();
        List<String> listed = metadata.texts(PREFIX + "tokens");
        tokens = bert ? restored(listed, types) : listed;
        for (int id = 0; id < tokens.size(); id++) {
            if (ids.putIfAbsent(tokens.get(id), id) == null) {
                vocabulary.put(tokens.get(id), id);
            }
            if (types[id] == CONTROL || types[id] == UNKNOWN || types[id] == USER_DEFINED) {
                definition.added(id, tokens.get(id), types[id] != USER_DEFINED);
            }
        }
    }

    static Tokenizer load(Path file) {
        GgufMetadata metadata = GgufMetadata.read(file);
        if (!metadata.has(PREFIX + "model")) {
            throw new TokenizerException(
                    "the GGUF file has no tokenizer, key tokenizer.ggml.model is missing, in " + file);
        }
        try {
            return new GgufTokenizers(metadata).load();
        } catch (TokenizerException e) {
            throw new TokenizerException(e.getMessage() + ", in " + file, e);
        }
    }

    private Tokenizer load() {
        roles();
        String model = metadata.text(PREFIX + "model");
        boolean bosByDefault = false;
        switch (model) {
            case "llama" -> {
                boolean prefix = metadata.flag(PREFIX + "add_space_prefix", true);
                String unknown = token("unknown").orElse("<unk>");
                definition.sentencePieceBpe(vocabulary, sentencePieceMerges(), unknown, prefix);
                bosByDefault = true;
            }
            case "gpt2" -> {
                String pre = metadata.text(PREFIX + "pre", "default");
                ArrayNode merges = JsonNodeFactory.instance.arrayNode();
                metadata.texts(PREFIX + "merges").forEach(merges::add);
                List<String> patterns = SplitPatterns.ofGguf(pre);
                definition.byteLevel(patterns, vocabulary, merges, SplitPatterns.takesWholeWords(patterns));
            }
            case "bert" -> definition.wordPiece(vocabulary, token("unknown").orElse("[UNK]"));
            case "t5" -> definition.sentencePieceUnigram(
                    tokens,
                    scores(),
                    (int) metadata.integer(PREFIX + "unknown_token_id", 0),
                    charsmap(),
                    metadata.flag(PREFIX + "add_space_prefix", true));
            default -> throw new TokenizerException(
                    "tokenizer.ggml.model must be llama, gpt2, bert or t5, got " + model);
        }
        boolean bert = model.equals("bert");
        boolean before = metadata.flag(PREFIX + "add_bos_token", bosByDefault || bert);
        boolean after = metadata.flag(PREFIX + "add_eos_token", bert || model.equals("t5"));
        definition.surround(
                before ? token(bert ? "cls" : "bos") : Optional.empty(),
                after ? token(bert ? "sep" : "eos") : Optional.empty(),
                ids);
        return definition.tokenizer();
    }

    private void roles() {
        for (String role : List.of("bos", "eos", "cls", "mask")) {
            role(role + "_token", role);
        }
        role("unk_token", "unknown");
        role("pad_token", "padding");
        role("sep_token", "sep");
    }

    private void role(String name, String role) {
        token(role).ifPresent(token -> definition.role(name, token));
    }

    /** The token with a role; the files write the separator in two ways. */
    private Optional<String> token(String role) {
        String key = PREFIX + role + "_token_id";
        if (role.equals("sep") && !metadata.has(key)) {
            key = PREFIX + "seperator_token_id";
        }
        if (!metadata.has(key)) {
            return Optional.empty();
        }
        long id = metadata.integer(key);
        if (id < 0 || id >= tokens.size()) {
            throw new TokenizerException(key + " must be below the " + tokens.size() + " tokens, got " + id);
        }
        return Optional.of(tokens.get((int) id));
    }

    private long[] types() {
        int count = metadata.texts(PREFIX + "tokens").size();
        if (!metadata.has(PREFIX + "token_type")) {
            return new long[count];
        }
        long[] types = metadata.integers(PREFIX + "token_type");
        if (types.length != count) {
            throw new TokenizerException(
                    "tokenizer.ggml.token_type must have " + count + " entries as the tokens, got " + types.length);
        }
        return types;
    }

    private double[] scores() {
        double[] scores = metadata.reals(PREFIX + "scores");
        if (scores.length != tokens.size()) {
            throw new TokenizerException(
                    "tokenizer.ggml.scores must have " + tokens.size() + " entries as the tokens, got "
                    + scores.length);
        }
        return scores;
    }

    private ArrayNode sentencePieceMerges() {
        double[] scores = scores();
        Map<String, Double> byToken = new LinkedHashMap<>();
        for (int id = 0; id < scores.length; id++) {
            byToken.putIfAbsent(tokens.get(id), scores[id]);
        }
        ArrayNode merges = JsonNodeFactory.instance.arrayNode();
        SentencePieceMerge.all(byToken, ids).forEach(merge -> merges.addArray().add(merge.left()).add(merge.right()));
        return merges;
    }

    private String charsmap() {
        String key = PREFIX + "precompiled_charsmap";
        if (!metadata.has(key)) {
            return "";
        }
        long[] values = metadata.integers(key);
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** WordPiece tokens are stored with U+2581 where a word begins and bare where it goes on. */
    private static List<String> restored(List<String> stored, long[] types) {
        String[] tokens = stored.toArray(String[]::new);
        for (int id = 0; id < tokens.length; id++) {
            if (types[id] != CONTROL && types[id] != UNKNOWN) {
                boolean begins = tokens[id].startsWith("\u2581");
                boolean special = tokens[id].startsWith("[") && tokens[id].endsWith("]") && tokens[id].length() > 2;
                tokens[id] = begins ? tokens[id].substring(1) : special ? tokens[id] : "##" + tokens[id];
            }
        }
        return List.of(tokens);
    }
}
