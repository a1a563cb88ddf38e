package org.jformers.text.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerException;
import org.jformers.text.tokenizer.TokenizerJson;
import org.jformers.text.tokenizer.WordSplitter;

/**
 * Trains a tokenizer with one token per unit of the text: every character, or every symbol between spaces. Special
 * tokens are {@code <pad> <s> </s> <unk>}, ids 0 to 3; an encoded text stands between {@code <s>} and {@code </s>}.
 * Decoding restores the text, symbols with one space between them.
 */
public final class WordLevelTrainer {
    private static final List<String> SPECIAL_TOKENS = List.of("<pad>", "<s>", "</s>", "<unk>");

    private final Unit unit;
    private final Builder settings;

    private enum Unit {
        CHARACTER,
        SYMBOL
    }

    private WordLevelTrainer(Unit unit, Builder settings) {
        this.unit = unit;
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

    /** Settings of a training. */
    public static final class Builder {
        private final Unit unit;
        private int vocabSize = Integer.MAX_VALUE;
        private long minFrequency = 1;
        private TrainingProgress progress = TrainingProgress.SILENT;

        private Builder(Unit unit) {
            this.unit = unit;
        }

        /** Largest size of the vocabulary, special tokens included; the rarest tokens are left out. */
        public Builder vocabSize(int size) {
            vocabSize = size;
            return this;
        }

        /** How often a token must occur; 1 by default. */
        public Builder minFrequency(long frequency) {
            minFrequency = frequency;
            return this;
        }

        public Builder progress(TrainingProgress listener) {
            progress = listener;
            return this;
        }

        /** Checks the settings. */
        public WordLevelTrainer build() {
            if (vocabSize < SPECIAL_TOKENS.size()) {
                throw new TokenizerException(
                        "vocabulary size must be >= " + SPECIAL_TOKENS.size() + " for the special tokens, got "
                                + vocabSize);
            }
            return new WordLevelTrainer(unit, this);
        }
    }

    /** Learns from the texts, which are read once. The more frequent token has the smaller id. */
    public Tokenizer train(Iterable<String> texts) {
        ObjectNode definition = definition();
        Map<String, Long> counts = WordCounts.of(texts, WordSplitter.of(definition), settings.progress);
        List<String> tokens = counts.entrySet().stream()
                .filter(entry -> entry.getValue() >= settings.minFrequency && !SPECIAL_TOKENS.contains(entry.getKey()))
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey(WordLevelTrainer::compareCodePoints)))
                .limit(settings.vocabSize - SPECIAL_TOKENS.size())
                .map(Map.Entry::getKey)
                .toList();
        settings.progress.update(TrainingProgress.Stage.LEARNING, tokens.size(), tokens.size());
        return tokenizer(definition, tokens);
    }

    /**
     * The tokenizer of a given vocabulary: ids from 4 in the order given. Tokenizers of the same vocabulary, one for
     * characters and one for symbols, serve a model whose two sides share their token table.
     */
    public Tokenizer of(Collection<String> vocabulary) {
        return tokenizer(definition(), vocabulary);
    }

    /** Everything but the vocabulary. */
    private ObjectNode definition() {
        ObjectNode definition = TokenizerJson.empty();
        Definitions.addSpecialTokens(definition, SPECIAL_TOKENS);
        Definitions.surround(definition, SPECIAL_TOKENS, "<s>", "</s>");
        if (unit == Unit.CHARACTER) {
            ObjectNode split = definition.putObject("pre_tokenizer").put("type", "Split");
            split.putObject("pattern").put("Regex", "[\\s\\S]");
            split.put("behavior", "Isolated").put("invert", false);
            definition.putObject("decoder").put("type", "Fuse");
        } else {
            definition.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
        }
        return definition;
    }

    private static Tokenizer tokenizer(ObjectNode definition, Collection<String> tokens) {
        ObjectNode model = definition.putObject("model").put("type", "WordLevel");
        ObjectNode vocabulary = model.putObject("vocab");
        SPECIAL_TOKENS.forEach(token -> vocabulary.put(token, vocabulary.size()));
        tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
        model.put("unk_token", "<unk>");
        return TokenizerJson.of(definition, Definitions.config(SPECIAL_TOKENS));
    }

    /** The order of UTF-8, which is not that of UTF-16. */
    private static int compareCodePoints(String first, String second) {
        return Arrays.compare(first.codePoints().toArray(), second.codePoints().toArray());
    }
}
