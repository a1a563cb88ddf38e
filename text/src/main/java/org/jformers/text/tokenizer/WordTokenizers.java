package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The vocabulary of Transformer-XL, whose text went through the Moses tokenizer first. Here words are cut at spaces and
 * punctuation, without the rules that Moses has for each language; text that Moses has cut gives the reference's ids.
 */
final class WordTokenizers {

    private WordTokenizers() {}

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
