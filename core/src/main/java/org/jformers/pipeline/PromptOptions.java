package org.jformers.pipeline;

import org.jformers.text.tokenizer.DecodeOptions;

/**
 * How texts that a model goes on from become tokens, and tokens texts.
 *
 * @param prefix put before each text; empty for nothing
 * @param text how a text becomes tokens
 * @param decoding how what is written becomes text
 */
public record PromptOptions(String prefix, TextOptions text, DecodeOptions decoding) {

    public PromptOptions withPrefix(String newPrefix) {
        return new PromptOptions(newPrefix, text, decoding);
    }

    public PromptOptions with(TextOptions newText) {
        return new PromptOptions(prefix, newText, decoding);
    }

    public PromptOptions with(DecodeOptions newDecoding) {
        return new PromptOptions(prefix, text, newDecoding);
    }
}
