package org.jformers.pipeline;

import java.util.Optional;
import java.util.OptionalInt;
import org.jformers.JformersException;
import org.jformers.text.tokenizer.Truncation;

/**
 * How a text becomes tokens.
 *
 * @param truncation which text is cut where there is more than fits; empty to cut none
 * @param maxLength most tokens where texts are cut; empty for as many as tokenizer and model take
 * @param specialTokens whether the template's tokens are added
 */
public record TextOptions(
        Optional<Truncation.Strategy> truncation, OptionalInt maxLength, boolean specialTokens) {
    /** Nothing cut, special tokens added. */
    public static final TextOptions DEFAULT = new TextOptions(Optional.empty(), OptionalInt.empty(), true);

    public TextOptions {
        if (maxLength.isPresent() && maxLength.getAsInt() < 1) {
            throw new JformersException("max_length: got " + maxLength.getAsInt() + ", allowed at least 1");
        }
    }

    /** Cut to what tokenizer and model take. */
    public TextOptions truncated() {
        return truncated(Truncation.Strategy.LONGEST_FIRST);
    }

    public TextOptions truncated(Truncation.Strategy which) {
        return new TextOptions(Optional.of(which), maxLength, specialTokens);
    }

    public TextOptions withMaxLength(int tokens) {
        return new TextOptions(truncation, OptionalInt.of(tokens), specialTokens);
    }

    public TextOptions withoutSpecialTokens() {
        return new TextOptions(truncation, maxLength, false);
    }
}
