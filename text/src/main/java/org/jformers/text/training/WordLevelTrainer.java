package org.jformers.text.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerJson;

/**
 * Trains a tokenizer with one token per unit of the text: every character, or every symbol between spaces. An encoded
 * text stands between {@code <s>} and {@code </s>}. Decoding restores the text, symbols with one space between them.
 */
public final class WordLevelTrainer {
    private static final String BEFORE = "<s>";
    private static final String AFTER = "</s>";
    private static final String UNKNOWN = "<unk>";

    private final Builder settings;

    private enum Unit {
        CHARACTER,
        SYMBOL
    }

    private WordLevelTrainer(Builder settings) {
        this.settings = settings;
    }

    /** Every Unicode code point is a token, spaces too. */
    public static Builder characters() {
        return new Builder(Unit.CHARACTER);
    }

    /** Every run of characters between spaces is a token. */
    public static Builder symbols() {
        return new Builder(Unit.SYMBOL);
    }

    /**
     * Settings of a training; as many tokens as the texts have and the special tokens {@code <pad> <s> </s> <unk>} by
     * default, of which the last three must be among others too. The rarest tokens are left out.
     */
    public static final class Builder extends TrainerBuilder<Builder> {
        private final Unit unit;

        private Builder(Unit unit) {
            super(Integer.MAX_VALUE, "<pad>", BEFORE, AFTER, UNKNOWN);
            this.unit = unit;
            minFrequency = 1;
        }

        @Override
        Builder self() {
            return this;
        }

        /** How often a token must occur; 1 by default. */
        public Builder minFrequency(long frequency) {
            minFrequency = frequency;
            return this;
        }

        /** Checks the settings. */
        public WordLevelTrainer build() {
            Definitions.check(specialTokens, vocabSize, 0);
            Definitions.require("unknown", UNKNOWN, specialTokens);
            return new WordLevelTrainer(this);
        }
    }

    /** Learns from the texts, which are read once. The more frequent token has the smaller id. */
    public Tokenizer train(Iterable<String> texts) {
        ObjectNode definition = definition();
        ModelTraining.learn(definition, settings, texts);
        return TokenizerJson.of(definition, Definitions.config(settings.specialTokens));
    }

    /**
     * The tokenizer of a given vocabulary: ids after those of the special tokens, in the order given. Tokenizers of the
     * same vocabulary, one for characters and one for symbols, serve a model whose two sides share their token table.
     */
    public Tokenizer of(Collection<String> vocabulary) {
        ObjectNode definition = definition();
        ObjectNode ids = ((ObjectNode) definition.get("model")).putObject("vocab");
        settings.specialTokens.forEach(token -> ids.put(token, ids.size()));
        vocabulary.forEach(token -> ids.put(token, ids.size()));
        return TokenizerJson.of(definition, Definitions.config(settings.specialTokens));
    }

    /** Everything but the vocabulary. */
    private ObjectNode definition() {
        ObjectNode definition = TokenizerJson.empty();
        Definitions.addSpecialTokens(definition, settings.specialTokens);
        Definitions.surround(definition, settings.specialTokens, BEFORE, AFTER);
        if (settings.unit == Unit.CHARACTER) {
            ObjectNode split = definition.putObject("pre_tokenizer").put("type", "Split");
            split.putObject("pattern").put("Regex", "[\\s\\S]");
            split.put("behavior", "Isolated").put("invert", false);
            definition.putObject("decoder").put("type", "Fuse");
        } else {
            definition.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
        }
        definition.putObject("model").put("type", "WordLevel").put("unk_token", UNKNOWN);
        return definition;
    }
}
