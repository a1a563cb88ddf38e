package org.jformers.text.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerJson;

/**
 * Trains a WordPiece tokenizer as BERT has it. The vocabulary is the special tokens, the characters, the characters
 * that continue a word, and what merging pairs by frequency gives. It equals that of the tokenizers library, which
 * numbers marked characters as {@link BpeLearner} says.
 */
public final class WordPieceTrainer {
    private final Builder settings;

    private WordPieceTrainer(Builder settings) {
        this.settings = settings;
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Settings of a training; 30,522 tokens, the special tokens {@code [PAD] [UNK] [CLS] [SEP] [MASK]} and the mark
     * {@code ##} for what continues a word by default. {@code [UNK]}, {@code [CLS]} and {@code [SEP]} must be special
     * tokens.
     */
    public static final class Builder extends CharacterTrainerBuilder<Builder> {

        private Builder() {
            super(30_522, "##", "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
        }

        @Override
        Builder self() {
            return this;
        }

        /** Checks the settings. */
        public WordPieceTrainer build() {
            Definitions.check(specialTokens, vocabSize, 0);
            Definitions.require("unknown", "[UNK]", specialTokens);
            return new WordPieceTrainer(this);
        }
    }

    /** Learns from the texts, which are read once. */
    public Tokenizer train(Iterable<String> texts) {
        ObjectNode definition = TokenizerJson.empty();
        Definitions.addSpecialTokens(definition, settings.specialTokens);
        Definitions.surround(definition, settings.specialTokens, "[CLS]", "[SEP]");
        Definitions.bertWords(definition, settings.lowercase);
        definition.putObject("decoder").put("type", "WordPiece").put("prefix", settings.prefix).put("cleanup", true);
        ObjectNode model = definition.putObject("model").put("type", "WordPiece").put("unk_token", "[UNK]");
        model.put("continuing_subword_prefix", settings.prefix).put("max_input_chars_per_word", 100);
        ModelTraining.learn(definition, settings, texts);
        ObjectNode config = Definitions.config(settings.specialTokens);
        return TokenizerJson.of(definition, config.put("do_lower_case", settings.lowercase));
    }
}
