package org.jformers.text.tokenizer;

import java.util.List;

/**
 * What encoding a text gives; all parts have one entry per token.
 *
 * @param ids token ids
 * @param tokens the tokens as written in the vocabulary
 * @param offsets {@code [start, end)} of each token in the text, in Unicode code points
 * @param typeIds 0 for the first text, 1 for the second
 * @param specialTokensMask 1 where the token was added by the template, 0 where it stands for text
 * @param words index of the word that the token belongs to, -1 for added special tokens
 */
public record Encoding(
        int[] ids, List<String> tokens, int[][] offsets, int[] typeIds, int[] specialTokensMask, int[] words) {

    /** Number of tokens. */
    public int length() {
        return ids.length;
    }
}
