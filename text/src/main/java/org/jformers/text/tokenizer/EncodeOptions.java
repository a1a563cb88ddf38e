package org.jformers.text.tokenizer;

import java.util.Optional;

/**
 * What happens to a batch besides encoding.
 *
 * @param specialTokens whether the template's tokens are added
 * @param truncation how texts are cut, empty to leave them
 * @param padding how rows are filled to one length, empty to leave them
 */
public record EncodeOptions(boolean specialTokens, Optional<Truncation> truncation, Optional<Padding> padding) {
    /** Special tokens, nothing cut, nothing filled. */
    public static final EncodeOptions DEFAULT = new EncodeOptions(true, Optional.empty(), Optional.empty());

    public EncodeOptions withoutSpecialTokens() {
        return new EncodeOptions(false, truncation, padding);
    }

    public EncodeOptions truncated(Truncation cut) {
        return new EncodeOptions(specialTokens, Optional.of(cut), padding);
    }

    public EncodeOptions padded(Padding fill) {
        return new EncodeOptions(specialTokens, truncation, Optional.of(fill));
    }
}
