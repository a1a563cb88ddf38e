package org.jformers.data;

import org.jformers.text.tokenizer.Padding;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * How texts become rows of tokens, with the special tokens that the tokenizer's template adds.
 *
 * @param tokenizer cuts texts into tokens
 * @param maxLength tokens of a row at most, special ones included; of a pair the longer text is cut first
 * @param padding how the rows of a batch are filled to the longest of them
 * @param tokenTypes whether batches have {@code token_type_ids}: for models that read them, where the tokenizer's class
 *     gives them
 */
public record RowEncoding(Tokenizer tokenizer, int maxLength, Padding padding, boolean tokenTypes) {

    public RowEncoding {
        if (maxLength < 1) {
            throw new DataException("maximum length of a row: got " + maxLength + ", allowed >= 1");
        }
    }

    /**
     * With the padding that the tokenizer's files name.
     *
     * @throws DataException if they name no padding token
     */
    public static RowEncoding of(Tokenizer tokenizer, int maxLength, boolean tokenTypes) {
        return new RowEncoding(tokenizer, maxLength,
                tokenizer.padding().orElseThrow(() -> new DataException(
                        "tokenizer: got one without a padding token, allowed: one with it, for batches of several"
                                + " rows")),
                tokenTypes);
    }
}
