package org.jformers.text.tokenizer;

/**
 * How ids become a text.
 *
 * @param specialTokens whether special tokens appear, as they are written in the vocabulary
 * @param spaces what becomes of spaces before punctuation and English contractions
 */
public record DecodeOptions(boolean specialTokens, Spaces spaces) {
    /** Without special tokens, spaces as the files say. */
    public static final DecodeOptions DEFAULT = new DecodeOptions(false, Spaces.AS_FILES_SAY);

    /** What becomes of spaces before punctuation and English contractions. */
    public enum Spaces {
        /** As tokenizer_config.json says. */
        AS_FILES_SAY,
        KEPT,
        TAKEN_OUT
    }

    public DecodeOptions with(Spaces newSpaces) {
        return new DecodeOptions(specialTokens, newSpaces);
    }

    public DecodeOptions withSpecialTokens() {
        return new DecodeOptions(true, spaces);
    }
}
