package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A tokenizer as a GGUF file describes it, the reverse of {@link GgufTokenizers}. Reference: the GGUF specification,
 * and {@code conversion/base.py} of llama.cpp.
 */
public final class GgufTokenizerValues {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;

    private final Tokenizer tokenizer;
    private final ObjectNode json;
    private final List<String> tokens = new ArrayList<>();
    private final int[] types;
    private final Map<String, Object> values = new LinkedHashMap<>();

    private GgufTokenizerValues(Tokenizer tokenizer, ObjectNode json, int vocabulary) {
        this.tokenizer = tokenizer;
        this.json = json;
        if (tokenizer.vocabSize() > vocabulary) {
            throw refused("tokenizer", "of " + tokenizer.vocabSize() + " tokens",
                    "no more than the " + vocabulary + " rows of the model's table");
        }
        types = new int[vocabulary];
        for (int id = 0; id < vocabulary; id++) {
            boolean there = id < tokenizer.vocabSize();
            String token = there ? tokenizer.token(id) : "[PAD" + id + "]";
            tokens.add(token);
            types[id] = !there ? UNUSED : token.matches("<0x[0-9A-F]{2}>") ? BYTE : NORMAL;
        }
        json.path("added_tokens").forEach(token -> types[token.path("id").intValue()] =
                token.path("special").asBoolean() ? CONTROL : USER_DEFINED);
    }

    /**
     * What a file says of a tokenizer.
     *
     * @param vocabulary rows of the model's token table; ids that the tokenizer does not have are filled
     * @return values for {@link org.jformers.text.gguf.GgufHeadWriter}, by name
     * @throws TokenizerException if llama.cpp has no such tokenizer
     */
    public static Map<String, Object> of(Tokenizer tokenizer, int vocabulary) {
        if (tokenizer instanceof PipelineTokenizer pipeline) {
            return new GgufTokenizerValues(tokenizer, pipeline.definition(), vocabulary).values();
        }
        SentencePieceModel pieces = Optional.of(tokenizer)
                .filter(PieceTokenizer.class::isInstance)
                .flatMap(table -> ((PieceTokenizer) table).sentencePiece())
                .orElseThrow(() -> refused("tokenizer", tokenizer.getClass().getSimpleName(),
                        "one that has a tokenizer.json or a model of sentencepiece"));
        return new GgufTokenizerValues(tokenizer, JsonNodeFactory.instance.objectNode(), vocabulary).values(pieces);
    }

    private Map<String, Object> values(SentencePieceModel model) {
        boolean unigram = model.algorithm() == SentencePieceModel.Algorithm.UNIGRAM;
        boolean bpe = model.algorithm() == SentencePieceModel.Algorithm.BPE && model.byteFallback();
        if (!unigram && !bpe || model.spaceAsSuffix()) {
            throw refused("a model of sentencepiece", model.algorithm(),
                    "UNIGRAM, BPE with bytes for unknown characters, both with spaces before words");
        }
        Map<String, SentencePieceModel.Piece> pieces = new HashMap<>();
        model.pieces().forEach(piece -> pieces.put(piece.text(), piece));
        float[] scores = new float[tokens.size()];
        for (int id = 0; id < scores.length; id++) {
            SentencePieceModel.Piece piece = pieces.get(tokens.get(id));
            scores[id] = piece == null ? -10_000 : piece.score();
            // The kinds have the same numbers.
            types[id] = piece != null ? piece.type().ordinal() + 1 : types[id] == UNUSED ? UNUSED : CONTROL;
            if (types[id] == UNKNOWN) {
                values.put(PREFIX + "unknown_token_id", id);
            }
        }
        values.put(PREFIX + "model", unigram ? "t5" : "llama");
        values.put(PREFIX + "pre", "default");
        values.put(PREFIX + "scores", scores);
        values.put(PREFIX + "add_space_prefix", model.dummyPrefix());
        values.put(PREFIX + "remove_extra_whitespaces", model.removeExtraSpaces());
        if (model.charsmap().length > 0) {
            values.put(PREFIX + "precompiled_charsmap", model.charsmap());
        }
        return completed();
    }

    private Map<String, Object> values() {
        JsonNode model = json.path("model");
        switch (model.path("type").asText()) {
            case "BPE" -> {
                if (model.path("byte_fallback").asBoolean()) {
                    sentencePieceBpe(model);
                } else {
                    byteLevel(model);
                }
            }
            case "WordPiece" -> wordPiece();
            case "Unigram" -> unigram(model);
            default -> throw refused("a tokenizer's model", model.path("type"), "BPE, WordPiece, Unigram");
        }
        return completed();
    }

    private Map<String, Object> completed() {
        values.put(PREFIX + "tokens", Collections.unmodifiableList(tokens));
        values.put(PREFIX + "token_type", types);
        roles();
        return values;
    }

    private void byteLevel(JsonNode model) {
        String normalizer = json.path("normalizer").path("type").asText("NFC");
        if (!normalizer.equals("NFC")) {
            throw refused("a normalizer", normalizer, "none, NFC");
        }
        values.put(PREFIX + "model", "gpt2");
        values.put(PREFIX + "pre", SplitPatterns.ggufName(patterns()));
        List<String> merges = new ArrayList<>();
        model.path("merges").forEach(merge -> merges.add(merge.isArray()
                ? merge.get(0).textValue() + " " + merge.get(1).textValue()
                : merge.textValue()));
        values.put(PREFIX + "merges", merges);
    }

    /** The patterns that cut a text, before its bytes become characters. */
    private List<String> patterns() {
        JsonNode cut = json.path("pre_tokenizer");
        List<JsonNode> steps = new ArrayList<>();
        (cut.path("type").asText().equals("Sequence") ? cut.path("pretokenizers") : List.of(cut)).forEach(steps::add);
        List<String> patterns = new ArrayList<>();
        for (JsonNode step : steps) {
            String type = step.path("type").asText();
            if (type.equals("Split") && step.at("/pattern/Regex").isTextual()) {
                patterns.add(step.at("/pattern/Regex").textValue());
            } else if (type.equals("ByteLevel") && !step.path("add_prefix_space").asBoolean()) {
                if (step.path("use_regex").asBoolean(true)) {
                    patterns.add(SplitPatterns.GPT2);
                }
            } else {
                throw refused(
                        "a pre_tokenizer", step, "Split by a regular expression, ByteLevel without a first space");
            }
        }
        return patterns;
    }

    /** The score of a piece says when it is merged: the earlier, the greater. */
    private void sentencePieceBpe(JsonNode model) {
        values.put(PREFIX + "model", "llama");
        values.put(PREFIX + "pre", "default");
        Map<String, Integer> ranks = new HashMap<>();
        for (JsonNode merge : model.path("merges")) {
            String[] parts = merge.isArray()
                    ? new String[] {merge.get(0).textValue(), merge.get(1).textValue()}
                    : merge.textValue().split(" ", 2);
            ranks.putIfAbsent(parts[0] + parts[1], ranks.size());
        }
        float[] scores = new float[tokens.size()];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = types[id] == NORMAL ? -ranks.getOrDefault(tokens.get(id), ranks.size() + id) : 0;
        }
        values.put(PREFIX + "scores", scores);
        unknown(model.path("unk_token").asText("<unk>"));
        values.put(PREFIX + "add_space_prefix", marksTheFirstWord());
    }

    private void unigram(JsonNode model) {
        values.put(PREFIX + "model", "t5");
        values.put(PREFIX + "pre", "default");
        float[] scores = new float[tokens.size()];
        Arrays.fill(scores, -10_000);
        JsonNode pieces = model.path("vocab");
        for (int id = 0; id < pieces.size(); id++) {
            scores[id] = (float) pieces.get(id).get(1).doubleValue();
        }
        values.put(PREFIX + "scores", scores);
        if (model.path("unk_id").isInt()) {
            unknown(tokens.get(model.path("unk_id").intValue()));
        }
        values.put(PREFIX + "add_space_prefix", marksTheFirstWord());
        values.put(PREFIX + "remove_extra_whitespaces", true);
        for (JsonNode step : json.findParents("precompiled_charsmap")) {
            if (step.get("precompiled_charsmap").isTextual()) {
                values.put(PREFIX + "precompiled_charsmap",
                        Base64.getDecoder().decode(step.get("precompiled_charsmap").textValue()));
            }
        }
    }

    private void unknown(String token) {
        tokenizer.id(token).ifPresent(id -> {
            types[id] = UNKNOWN;
            values.put(PREFIX + "unknown_token_id", id);
        });
    }

    /** Whether a text begins as if a space were before it. */
    private boolean marksTheFirstWord() {
        boolean prepended = json.path("normalizer").findValuesAsText("type").contains("Prepend");
        return prepended || json.path("pre_tokenizer").findValuesAsText("prepend_scheme").stream()
                .anyMatch(scheme -> !scheme.equals("never"));
    }

    /** Pieces that begin a word get a mark, those that go on one lose theirs. */
    private void wordPiece() {
        JsonNode normalizer = json.path("normalizer");
        if (!normalizer.path("lowercase").asBoolean() || normalizer.path("strip_accents").isBoolean()
                && !normalizer.path("strip_accents").asBoolean()) {
            throw refused("WordPiece whose normalizer is", normalizer,
                    "those that lower-case and strip accents, as llama.cpp does");
        }
        values.put(PREFIX + "model", "bert");
        values.put(PREFIX + "pre", "default");
        for (int id = 0; id < types.length; id++) {
            if (types[id] == NORMAL) {
                String token = tokens.get(id);
                tokens.set(id, token.startsWith("##") ? token.substring(2) : "\u2581" + token);
            }
        }
    }

    private void roles() {
        SpecialTokens roles = tokenizer.specialTokens();
        role("bos", roles.bos());
        role("eos", roles.eos());
        role("padding", roles.pad());
        role("seperator", roles.sep());
        role("cls", roles.cls());
        role("mask", roles.mask());
        if (!values.containsKey(PREFIX + "unknown_token_id")) {
            role("unknown", roles.unk());
        }
        int[] plain = tokenizer.encodePlain("a").ids();
        int[] whole = tokenizer.encode("a").ids();
        boolean bert = "bert".equals(values.get(PREFIX + "model"));
        OptionalInt first = bert ? roles.cls() : roles.bos();
        OptionalInt last = bert ? roles.sep() : roles.eos();
        boolean before = whole.length > plain.length && first.isPresent() && whole[0] == first.getAsInt();
        boolean after = whole.length > plain.length && last.isPresent() && whole[whole.length - 1] == last.getAsInt();
        if (whole.length != plain.length + (before ? 1 : 0) + (after ? 1 : 0)) {
            throw refused(
                    "a post_processor", json.path("post_processor"), "one that adds the first and the last token");
        }
        values.put(PREFIX + "add_bos_token", before);
        values.put(PREFIX + "add_eos_token", after);
    }

    private void role(String role, OptionalInt id) {
        id.ifPresent(one -> values.put(PREFIX + role + "_token_id", one));
    }

    private static TokenizerException refused(String what, Object got, String allowed) {
        return new TokenizerException("gguf: got " + what + " " + got + ", allowed " + allowed);
    }
}
