package org.jformers.text.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerJson;

/**
 * Trains a BPE tokenizer on characters, the end of a word marked, as the first GPT has it. Source: Sennrich et al.,
 * arXiv:1508.07909. The vocabulary is the special tokens, the characters, those with marks, and what is learned. It
 * equals that of the tokenizers library, which numbers marked characters as {@link BpeLearner} says.
 */
public final class CharBpeTrainer {
    private final Builder settings;

    private CharBpeTrainer(Builder settings) {
        this.settings = settings;
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Settings of a training; 30,000 tokens, the special token {@code <unk>} and no mark for what continues a word by
     * default.
     */
    public static final class Builder extends CharacterTrainerBuilder<Builder> {
        private String suffix = "</w>";
        private String unknown = "<unk>";

        private Builder() {
            super(30_000, "", "<unk>");
        }

        @Override
        Builder self() {
            return this;
        }

        /** A token beyond two characters has fewer than this, as in the reference; without bound by default. */
        public Builder maxTokenLength(int characters) {
            maxTokenLength = characters;
            return this;
        }

        /** What marks a token that ends a word, {@code </w>} by default; empty for no mark. */
        public Builder endOfWordSuffix(String mark) {
            suffix = mark;
            return this;
        }

        /** The special token for characters that the vocabulary does not have, {@code <unk>} by default. */
        public Builder unknown(String token) {
            unknown = token;
            return this;
        }

        /** Checks the settings. */
        public CharBpeTrainer build() {
            Definitions.check(specialTokens, vocabSize, 0);
            Definitions.require("unknown", unknown, specialTokens);
            return new CharBpeTrainer(this);
        }
    }

    /** Learns from the texts, which are read once. */
    public Tokenizer train(Iterable<String> texts) {
        ObjectNode definition = TokenizerJson.empty();
        Definitions.addSpecialTokens(definition, settings.specialTokens);
        Definitions.bertWords(definition, settings.lowercase);
        if (!settings.suffix.isEmpty()) {
            definition.putObject("decoder").put("type", "BPEDecoder").put("suffix", settings.suffix);
        } else if (!settings.prefix.isEmpty()) {
            definition.putObject("decoder").put("type", "WordPiece").put("prefix", settings.prefix)
                    .put("cleanup", true);
        }
        Definitions.bpe(definition, settings.unknown, settings.prefix, settings.suffix);
        ModelTraining.learn(definition, settings, texts);
        ObjectNode config = Definitions.config(settings.specialTokens);
        return TokenizerJson.of(definition, config.put("do_lower_case", settings.lowercase));
    }
}
