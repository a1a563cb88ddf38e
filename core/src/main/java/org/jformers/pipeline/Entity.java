package org.jformers.pipeline;

import java.util.OptionalInt;

/**
 * A token or a stretch of a text with a label.
 *
 * @param label the label; of a stretch without {@code B-} or {@code I-}
 * @param score its probability, of a stretch the mean over its tokens or words
 * @param index which token of the text it is, from 0, those of the template counted; empty for stretches
 * @param word the token as written in the vocabulary, or the stretch as its tokens say it
 * @param start where it begins in the text, in Unicode code points; empty where the tokenizer's class does not tell
 * @param end where it ends
 */
public record Entity(
        String label, double score, OptionalInt index, String word, OptionalInt start, OptionalInt end) {}
