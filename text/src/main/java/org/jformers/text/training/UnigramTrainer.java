package org.jformers.text.training;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.TokenizerException;
import org.jformers.text.tokenizer.TokenizerJson;

/**
 * Trains a unigram tokenizer as sentencepiece has it: spaces are marks at the beginning of words, and the pieces have
 * probabilities. Source: Kudo, arXiv:1804.10959. Special tokens come first, then the pieces, the most probable first.
 */
public final class UnigramTrainer {
    private static final String MARK = "\u2581";

    private final Builder settings;

    private UnigramTrainer(Builder settings) {
        this.settings = settings;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Settings of a training; 8000 tokens and the special tokens {@code <pad> </s> <unk>} by default. */
    public static final class Builder extends TrainerBuilder<Builder> {
        private String unknown = "<unk>";

        private Builder() {
            super(8000, "<pad>", "</s>", "<unk>");
        }

        @Override
        Builder self() {
            return this;
        }

        /** What part of the pieces stays when the others are dropped, between 0 and 1; 0.75 by default. */
        public Builder shrinkingFactor(double part) {
            shrinkingFactor = part;
            return this;
        }

        /** Steps of expectation maximization between two droppings; 2 by default. */
        public Builder subIterations(int steps) {
            subIterations = steps;
            return this;
        }

        /** Characters that a piece has at most, the mark for a space included; 16 by default. */
        public Builder maxPieceLength(int characters) {
            longestPiece = characters;
            return this;
        }

        /** Characters that become pieces in any case, also where the texts do not have them. */
        public Builder initialAlphabet(String characters) {
            initialAlphabet = characters;
            return this;
        }

        /** The token for what no piece covers, {@code <unk>} by default; if it is no special token, it comes first. */
        public Builder unknown(String token) {
            unknown = token;
            return this;
        }

        /** Checks the settings. */
        public UnigramTrainer build() {
            List<String> all = new ArrayList<>(specialTokens);
            if (!all.contains(unknown)) {
                all.add(0, unknown);
            }
            specialTokens = List.copyOf(all);
            Definitions.check(specialTokens, vocabSize, 0);
            if (!(shrinkingFactor > 0 && shrinkingFactor < 1)) {
                throw new TokenizerException("shrinking factor must be between 0 and 1, got " + shrinkingFactor);
            }
            if (subIterations < 1 || longestPiece < 1) {
                throw new TokenizerException("sub-iterations and piece length must be >= 1, got " + subIterations
                        + " and " + longestPiece);
            }
            return new UnigramTrainer(this);
        }
    }

    /** Learns from the texts, which are read once. */
    public Tokenizer train(Iterable<String> texts) {
        ObjectNode definition = TokenizerJson.empty();
        Definitions.addSpecialTokens(definition, settings.specialTokens);
        ArrayNode steps = definition.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        steps.addObject().put("type", "Nmt");
        steps.addObject().put("type", "NFKC");
        steps.addObject().put("type", "Replace").put("content", " ").putObject("pattern").put("Regex", " {2,}");
        metaspace(definition.putObject("pre_tokenizer"));
        metaspace(definition.putObject("decoder"));
        ObjectNode model = definition.putObject("model").put("type", "Unigram");
        model.put("unk_id", settings.specialTokens.indexOf(settings.unknown)).put("byte_fallback", false);
        ModelTraining.learn(definition, settings, texts);
        ObjectNode config = Definitions.config(settings.specialTokens);
        config.put("unk_token", settings.unknown);
        return TokenizerJson.of(definition, config);
    }

    private static void metaspace(ObjectNode node) {
        node.put("type", "Metaspace").put("replacement", MARK).put("prepend_scheme", "always").put("split", true);
    }
}
