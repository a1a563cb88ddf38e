package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A tokenizer.json put together from the parts of another format. */
final class Definition {
    private static final String MARK = Character.toString(Metaspace.DEFAULT);

    private final ObjectNode json = TokenizerJson.empty();
    private final ObjectNode config;

    Definition(ObjectNode config) {
        this.config = config;
    }

    Tokenizer tokenizer() {
        return TokenizerJson.of(json, config);
    }

    void role(String role, String token) {
        if (!config.has(role)) {
            config.put(role, token);
        }
    }

    void added(int id, String token, boolean special) {
        json.withArray("added_tokens").add(new AddedToken(id, token, false, false, false, false, special).toJson());
    }

    ObjectNode model(String type) {
        return json.putObject("model").put("type", type);
    }

    /** BPE over bytes written as characters. */
    void byteLevel(String pattern, ObjectNode vocabulary, ArrayNode merges, boolean wholeWordsFirst) {
        byteLevel(List.of(pattern), vocabulary, merges, wholeWordsFirst);
    }

    /** Byte-level BPE; each pattern cuts what the ones before it have left, and keeps what it does not match. */
    void byteLevel(List<String> patterns, ObjectNode vocabulary, ArrayNode merges, boolean wholeWordsFirst) {
        if (patterns.equals(List.of(SplitPatterns.GPT2))) {
            byteLevel(json.putObject("pre_tokenizer"), true);
        } else {
            ArrayNode steps = json.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
            for (String pattern : patterns) {
                ObjectNode split =
                        steps.addObject().put("type", "Split").put("behavior", "Isolated").put("invert", false);
                split.putObject("pattern").put("Regex", pattern);
            }
            byteLevel(steps.addObject(), false);
        }
        byteLevel(json.putObject("decoder"), true);
        ObjectNode model = model("BPE").putNull("dropout").putNull("unk_token");
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", wholeWordsFirst);
        model.set("vocab", vocabulary);
        model.set("merges", merges);
    }

    private static void byteLevel(ObjectNode node, boolean regex) {
        node.put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", regex);
    }

    /** BPE as sentencepiece has it: spaces are marks, unknown characters become bytes. */
    void sentencePieceBpe(ObjectNode vocabulary, ArrayNode merges, String unknown, boolean prefix) {
        ArrayNode steps = json.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        if (prefix) {
            steps.addObject().put("type", "Prepend").put("prepend", MARK);
        }
        steps.addObject().put("type", "Replace").put("content", MARK).putObject("pattern").put("String", " ");
        ArrayNode back = json.putObject("decoder").put("type", "Sequence").putArray("decoders");
        back.addObject().put("type", "Replace").put("content", " ").putObject("pattern").put("String", MARK);
        back.addObject().put("type", "ByteFallback");
        back.addObject().put("type", "Fuse");
        if (prefix) {
            back.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
        }
        ObjectNode model = model("BPE").putNull("dropout").put("unk_token", unknown);
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", true).put("byte_fallback", true).put("ignore_merges", false);
        model.set("vocab", vocabulary);
        model.set("merges", merges);
    }

    /** A unigram model as sentencepiece has it. */
    void sentencePieceUnigram(List<String> pieces, double[] scores, int unknown, String charsmap, boolean prefix) {
        ArrayNode steps = json.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        if (!charsmap.isEmpty()) {
            steps.addObject().put("type", "Precompiled").put("precompiled_charsmap", charsmap);
        }
        steps.addObject().put("type", "Strip").put("strip_left", false).put("strip_right", true);
        steps.addObject().put("type", "Replace").put("content", MARK).putObject("pattern").put("Regex", " {2,}");
        for (String part : List.of("pre_tokenizer", "decoder")) {
            ObjectNode node = json.putObject(part).put("type", "Metaspace").put("replacement", MARK);
            node.put("prepend_scheme", prefix ? "always" : "never").put("split", true);
        }
        ObjectNode model = model("Unigram").put("unk_id", unknown);
        ArrayNode vocabulary = model.putArray("vocab");
        for (int id = 0; id < scores.length; id++) {
            vocabulary.addArray().add(pieces.get(id)).add(scores[id]);
        }
        model.put("byte_fallback", false);
    }

    /** BERT's clean-up, words and pieces. */
    void wordPiece(ObjectNode vocabulary, String unknown) {
        ObjectNode normalizer = json.putObject("normalizer").put("type", "BertNormalizer").put("clean_text", true);
        normalizer.put("handle_chinese_chars", true).putNull("strip_accents").put("lowercase", true);
        json.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        json.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        ObjectNode model = model("WordPiece").put("unk_token", unknown).put("continuing_subword_prefix", "##");
        model.put("max_input_chars_per_word", 100).set("vocab", vocabulary);
    }

    ObjectNode json() {
        return json;
    }

    /** Special tokens before and after every text. */
    void surround(Optional<String> before, Optional<String> after, Map<String, Integer> ids) {
        if (before.isEmpty() && after.isEmpty()) {
            return;
        }
        ObjectNode node = json.putObject("post_processor").put("type", "TemplateProcessing");
        for (String form : List.of("single", "pair")) {
            ArrayNode pieces = node.putArray(form);
            for (int text = 0; text < (form.equals("pair") ? 2 : 1); text++) {
                special(pieces, before, text);
                pieces.addObject().putObject("Sequence").put("id", text == 0 ? "A" : "B").put("type_id", text);
                special(pieces, after, text);
            }
        }
        ObjectNode special = node.putObject("special_tokens");
        Stream.of(before, after).flatMap(Optional::stream).forEach(token -> {
            ObjectNode entry = special.putObject(token).put("id", token);
            entry.putArray("ids").add(ids.get(token));
            entry.putArray("tokens").add(token);
        });
    }

    private static void special(ArrayNode pieces, Optional<String> special, int type) {
        special.ifPresent(token ->
                pieces.addObject().putObject("SpecialToken").put("id", token).put("type_id", type));
    }

    /** Merges for every way to put a token together from two others, the token with the smaller rank first. */
    static ArrayNode merges(List<String> ranked, Map<String, Integer> ids) {
        Work.payForCuts(ranked);
        ArrayNode merges = JsonNodeFactory.instance.arrayNode();
        for (String token : ranked) {
            IntStream.range(1, token.length())
                    .mapToObj(cut -> new String[] {token.substring(0, cut), token.substring(cut)})
                    .filter(pair -> ids.containsKey(pair[0]) && ids.containsKey(pair[1]))
                    .sorted(Comparator.<String[]>comparingInt(pair -> ids.get(pair[0]))
                            .thenComparingInt(pair -> ids.get(pair[1])))
                    .forEach(pair -> merges.addArray().add(pair[0]).add(pair[1]));
        }
        return merges;
    }
}
