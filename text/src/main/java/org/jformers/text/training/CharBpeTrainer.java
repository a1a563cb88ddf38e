package org.jformers.text.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerException;
import org.jformers.text.tokenizer.TokenizerJson;
import org.jformers.text.tokenizer.WordSplitter;

/**
 * Trains a BPE tokenizer on characters, the end of a word marked, as the first GPT has it. Source: Sennrich et al.,
 * arXiv:1508.07909. The vocabulary is the special tokens, the characters, those that end a word, and what is learned.
 * The tokenizers library learns it the same way, but numbers the marked characters in an order that changes from run to
 * run; without marks the vocabularies are equal.
 */
public final class CharBpeTrainer {
    private final Builder settings;

    private CharBpeTrainer(Builder settings) {
        this.settings = settings;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Settings of a training. */
    public static final class Builder {
        private int vocabSize = 30_000;
        private long minFrequency = 2;
        private int alphabetLimit = 1000;
        private int maxTokenLength = Integer.MAX_VALUE;
        private String initialAlphabet = "";
        private String prefix = "";
        private String suffix = "</w>";
        private boolean lowercase = true;
        private List<String> specialTokens = List.of("<unk>");
        private String unknown = "<unk>";
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

        /** What marks a token that continues a word; no mark by default. */
        public Builder continuingSubwordPrefix(String mark) {
            prefix = mark;
            return this;
        }

        /** Keeps upper case and accents; by default the text becomes lower case without accents. */
        public Builder cased() {
            lowercase = false;
            return this;
        }

        /** Tokens with the first ids, the unknown one among them; {@code <unk>} by default. */
        public Builder specialTokens(String... tokens) {
            specialTokens = List.of(tokens);
            return this;
        }

        /** The special token for characters that the vocabulary does not have, {@code <unk>} by default. */
        public Builder unknown(String token) {
            unknown = token;
            return this;
        }

        public Builder progress(TrainingProgress listener) {
            progress = listener;
            return this;
        }

        /** Checks the settings. */
        public CharBpeTrainer build() {
            Definitions.check(specialTokens, vocabSize, 0);
            if (!specialTokens.contains(unknown)) {
                throw new TokenizerException("unknown token \"" + unknown + "\" must be a special token, these are "
                        + String.join(", ", specialTokens));
            }
            return new CharBpeTrainer(this);
        }
    }

    /** Learns from the texts, which are read once. */
    public Tokenizer train(Iterable<String> texts) {
        ObjectNode definition = TokenizerJson.empty();
        Definitions.addSpecialTokens(definition, settings.specialTokens);
        ObjectNode normalizer = definition.putObject("normalizer").put("type", "BertNormalizer");
        normalizer.put("clean_text", true).put("handle_chinese_chars", true);
        normalizer.putNull("strip_accents").put("lowercase", settings.lowercase);
        definition.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        if (!settings.suffix.isEmpty()) {
            definition.putObject("decoder").put("type", "BPEDecoder").put("suffix", settings.suffix);
        } else if (!settings.prefix.isEmpty()) {
            definition.putObject("decoder").put("type", "WordPiece").put("prefix", settings.prefix).put("cleanup", true);
        }
        BpeLearner learner = new BpeLearner(
                settings.vocabSize,
                settings.minFrequency,
                settings.prefix,
                settings.suffix,
                settings.maxTokenLength,
                settings.progress);
        settings.specialTokens.forEach(learner::add);
        Map<String, Long> counts = WordCounts.of(texts, WordSplitter.of(definition), settings.progress);
        Alphabet.of(counts, settings.initialAlphabet, settings.alphabetLimit).forEach(learner::add);
        learner.learn(counts);
        Definitions.bpe(
                definition.putObject("model"), learner, settings.unknown, settings.prefix, settings.suffix);
        ObjectNode config = Definitions.config(settings.specialTokens);
        return TokenizerJson.of(definition, config.put("do_lower_case", settings.lowercase));
    }
}
