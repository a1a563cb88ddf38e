package org.jformers.text.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.jformers.text.tokenizer.ByteLevel;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerJson;

/**
 * Trains a byte-level BPE tokenizer as GPT-2 has it. The vocabulary is the special tokens, the 256 bytes, and what is
 * learned; it equals that of the tokenizers library on the same texts. Texts in several languages give a joint
 * vocabulary.
 */
public final class ByteLevelBpeTrainer {
    private static final int BYTES = 256;

    private final Builder settings;

    private ByteLevelBpeTrainer(Builder settings) {
        this.settings = settings;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Settings of a training; 8192 tokens and the special token {@code <|endoftext|>} by default. */
    public static final class Builder extends TrainerBuilder<Builder> {
        private Optional<Ends> ends = Optional.empty();

        private record Ends(String before, String after) {}

        private Builder() {
            super(8192, "<|endoftext|>");
            initialAlphabet = ByteLevel.alphabet();
        }

        @Override
        Builder self() {
            return this;
        }

        /** How often a pair must occur to become a token; 2 by default. */
        public Builder minFrequency(long frequency) {
            minFrequency = frequency;
            return this;
        }

        /** A token beyond two bytes has fewer than this, as in the reference; without bound by default. */
        public Builder maxTokenLength(int bytes) {
            maxTokenLength = bytes;
            return this;
        }

        /** Puts two of the special tokens around every encoded text; by default there is nothing around it. */
        public Builder surroundWith(String tokenBefore, String tokenAfter) {
            ends = Optional.of(new Ends(tokenBefore, tokenAfter));
            return this;
        }

        /** Checks the settings. */
        public ByteLevelBpeTrainer build() {
            Definitions.check(specialTokens, vocabSize, BYTES);
            return new ByteLevelBpeTrainer(this);
        }
    }

    /** Learns from the texts, which are read once. */
    public Tokenizer train(Iterable<String> texts) {
        ObjectNode definition = TokenizerJson.empty();
        Definitions.addSpecialTokens(definition, settings.specialTokens);
        byteLevel(definition.putObject("pre_tokenizer"), false, true);
        byteLevel(definition.putObject("decoder"), true, true);
        settings.ends.ifPresentOrElse(
                ends -> Definitions.surround(definition, settings.specialTokens, ends.before(), ends.after()),
                () -> byteLevel(definition.putObject("post_processor"), true, false));
        Definitions.bpe(definition, "", "", "");
        ModelTraining.learn(definition, settings, texts);
        ObjectNode config = Definitions.config(settings.specialTokens);
        return TokenizerJson.of(definition, config.put("add_prefix_space", false));
    }

    private static void byteLevel(ObjectNode node, boolean prefixSpace, boolean trimOffsets) {
        node.put("type", "ByteLevel").put("add_prefix_space", prefixSpace);
        node.put("trim_offsets", trimOffsets).put("use_regex", true);
    }
}
