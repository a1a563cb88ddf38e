package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Vocabularies of models whose text went through the Moses tokenizer first: XLM and FlauBERT, and Transformer-XL. Here
 * words are cut at spaces and punctuation, without the rules that Moses has for each language; text that Moses has cut
 * already gives the reference's ids.
 */
final class WordTokenizers {

    private WordTokenizers() {}

    /** XLM (arXiv:1901.07291): lower case without accents, BPE with the end of a word marked. */
    static Tokenizer xlm(Path folder, ObjectNode config, boolean flaubert) {
        ObjectNode vocabulary = TokenizerFolder.read(folder.resolve("vocab.json"));
        LegacyTokenizers.roles(config, "unk_token", "<unk>", "bos_token", "<s>", "sep_token", "</s>", "pad_token",
                "<pad>", "cls_token", "</s>", "mask_token", "<special1>");
        Definition definition = new Definition(config);
        ObjectNode json = definition.json();
        boolean lower = config.path(flaubert ? "do_lowercase" : "do_lowercase_and_remove_accent").asBoolean(!flaubert);
        ArrayNode steps = json.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        if (lower) {
            steps.addObject().put("type", "Lowercase");
        }
        if (lower && !flaubert) {
            steps.addObject().put("type", "NFD");
            steps.addObject().put("type", "StripAccents");
        }
        json.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        json.putObject("decoder").put("type", "BPEDecoder").put("suffix", "</w>");
        LegacyTokenizers.bpe(json, folder, vocabulary)
                .put("unk_token", TokenizerFolder.roleToken(config, "unk_token"))
                .put("end_of_word_suffix", "</w>");
        for (String role : TokenizerFolder.ROLES) {
            LegacyTokenizers.addSpecial(json, vocabulary, TokenizerFolder.roleToken(config, role), false, false);
        }
        Map<String, Integer> ids = new LinkedHashMap<>();
        String begin = TokenizerFolder.roleToken(config, flaubert ? "cls_token" : "bos_token");
        String end = TokenizerFolder.roleToken(config, "sep_token");
        for (String token : List.of(begin, end)) {
            if (!vocabulary.has(token)) {
                throw new TokenizerException("special token \"" + token + "\" is not in the vocabulary");
            }
            ids.put(token, vocabulary.get(token).asInt());
        }
        ends(json, begin, end, ids);
        return definition.tokenizer();
    }

    /** One token before the first text, one after each. */
    private static void ends(ObjectNode json, String begin, String end, Map<String, Integer> ids) {
        ObjectNode node = json.putObject("post_processor").put("type", "BertProcessing");
        node.putArray("sep").add(end).add(ids.get(end));
        node.putArray("cls").add(begin).add(ids.get(begin));
    }

    /** Transformer-XL (arXiv:1901.02860): whole words from a list, one on a line, whatever follows it on the line. */
    static Tokenizer transfoXl(Path folder, ObjectNode config) {
        Path file = folder.resolve("vocab.txt");
        if (!Files.isRegularFile(file)) {
            throw new TokenizerException("Transformer-XL needs its words as vocab.txt, one on a line; vocab.bin and"
                    + " vocab.pkl are Python pickles, which may run code, and are not read");
        }
        LegacyTokenizers.roles(config, "eos_token", "<eos>", "unk_token", "<unk>");
        Definition definition = new Definition(config);
        ObjectNode json = definition.json();
        ObjectNode model = definition.model("WordLevel");
        ObjectNode vocabulary = model.putObject("vocab");
        for (String line : LegacyTokenizers.lines(file)) {
            String word = line.strip().split("\\s+")[0];
            if (!vocabulary.has(word)) {
                vocabulary.put(word, vocabulary.size());
            }
        }
        String unknown = TokenizerFolder.roleToken(config, "unk_token");
        if (!vocabulary.has(unknown)) {
            throw new TokenizerException("unk_token \"" + unknown + "\" is not in vocab.txt");
        }
        model.put("unk_token", unknown);
        if (config.path("lower_case").asBoolean(false)) {
            json.putObject("normalizer").put("type", "Lowercase");
        }
        ArrayNode steps = json.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        steps.addObject().put("type", "WhitespaceSplit");
        ObjectNode split = steps.addObject().put("type", "Split").put("behavior", "Isolated").put("invert", false);
        // Punctuation at the end of a word; marks of Moses such as @-@ and <unk> stay whole.
        split.putObject("pattern").put("Regex", "(?<=\\w)[.,;:!?\"')\\]}]+\\z|\\A[\"'(\\[{]+(?=\\w)");
        for (String role : TokenizerFolder.ROLES) {
            LegacyTokenizers.addSpecial(json, vocabulary, TokenizerFolder.roleToken(config, role), false, false);
        }
        return definition.tokenizer();
    }
}
