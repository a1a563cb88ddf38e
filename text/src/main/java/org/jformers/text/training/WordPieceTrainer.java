package org.jformers.text.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerException;
import org.jformers.text.tokenizer.TokenizerJson;
import org.jformers.text.tokenizer.WordSplitter;

/**
 * Trains a WordPiece tokenizer as BERT has it. The vocabulary is the special tokens, the characters, the characters
 * that continue a word, and what merging pairs by frequency gives; the tokenizers library learns it the same way, but
 * numbers the characters in an order that changes from run to run, where this one always gives the same result.
 */
public final class WordPieceTrainer {
    private static final List<String> SPECIAL_TOKENS = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
    private static final String PREFIX = "##";

    private final Builder settings;

    private WordPieceTrainer(Builder settings) {
        this.settings = settings;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Settings of a training. */
    public static final class Builder {
        private int vocabSize = 30_522;
        private long minFrequency = 2;
        private int alphabetLimit = 1000;
        private String initialAlphabet = "";
        private boolean lowercase = true;
        private TrainingProgress progress = TrainingProgress.SILENT;

        private Builder() {}

        /** Size of the vocabulary, special tokens and characters included; the characters may make it larger. */
        public Builder vocabSize(int size) {
            vocabSize = size;
            return this;
        }

        /** How often a pair must occur to become a token; 2 by default. */
        public Builder minFrequency(long frequency) {
            minFrequency = frequency;
            return this;
        }

        /** How many different characters are kept, the most frequent ones; 1000 by default. */
        public Builder limitAlphabet(int characters) {
            alphabetLimit = characters;
            return this;
        }

        /** Characters that are kept in any case, also where the texts do not have them. */
        public Builder initialAlphabet(String characters) {
            initialAlphabet = characters;
            return this;
        }

        /** Keeps upper case and accents; by default the text becomes lower case without accents. */
        public Builder cased() {
            lowercase = false;
            return this;
        }

        public Builder progress(TrainingProgress listener) {
            progress = listener;
            return this;
        }

        /** Checks the settings. */
        public WordPieceTrainer build() {
            if (vocabSize < SPECIAL_TOKENS.size()) {
                throw new TokenizerException(
                        "vocabulary size must be >= " + SPECIAL_TOKENS.size() + " for the special tokens, got "
                                + vocabSize);
            }
            return new WordPieceTrainer(this);
        }
    }

    /** Learns from the texts, which are read once. */
    public Tokenizer train(Iterable<String> texts) {
        ObjectNode definition = TokenizerJson.empty();
        Definitions.addSpecialTokens(definition, SPECIAL_TOKENS);
        Definitions.surround(definition, SPECIAL_TOKENS, "[CLS]", "[SEP]");
        ObjectNode normalizer = definition.putObject("normalizer").put("type", "BertNormalizer");
        normalizer.put("clean_text", true).put("handle_chinese_chars", true);
        normalizer.putNull("strip_accents").put("lowercase", settings.lowercase);
        definition.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        definition.putObject("decoder").put("type", "WordPiece").put("prefix", PREFIX).put("cleanup", true);
        Map<String, Long> counts = WordCounts.of(texts, WordSplitter.of(definition), settings.progress);
        BpeLearner learner = new BpeLearner(
                settings.vocabSize, settings.minFrequency, PREFIX, "", Integer.MAX_VALUE, settings.progress);
        SPECIAL_TOKENS.forEach(learner::add);
        Alphabet.of(counts, settings.initialAlphabet, settings.alphabetLimit).forEach(learner::add);
        learner.learn(counts);
        ObjectNode model = definition.putObject("model").put("type", "WordPiece").put("unk_token", "[UNK]");
        model.put("continuing_subword_prefix", PREFIX).put("max_input_chars_per_word", 100);
        ObjectNode vocabulary = model.putObject("vocab");
        learner.tokens().forEach(token -> vocabulary.put(token, vocabulary.size()));
        ObjectNode config = Definitions.config(SPECIAL_TOKENS);
        return TokenizerJson.of(definition, config.put("do_lower_case", settings.lowercase));
    }
}
