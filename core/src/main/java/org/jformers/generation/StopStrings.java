package org.jformers.generation;

import java.util.List;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * A sequence is complete when its new text has one of the given texts in it. The text stays as it is, stop string and
 * whatever the last token has behind it included. Text of the prompt does not count.
 *
 * @param tokenizer turns tokens into text
 * @param texts the texts, none of them empty
 */
public record StopStrings(Tokenizer tokenizer, List<String> texts) implements StoppingRule {
    public StopStrings {
        texts = List.copyOf(texts);
    }

    @Override
    public boolean stops(long[] ids, int promptLength) {
        int[] added = IntStream.range(promptLength, ids.length).map(i -> (int) ids[i]).toArray();
        String text = tokenizer.decode(added);
        return texts.stream().anyMatch(text::contains);
    }
}
