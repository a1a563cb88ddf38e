package org.jformers.generation;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * A sequence is complete when its last token completes one of the given texts, as in the reference (transformers 5.18,
 * {@code StopStringCriteria}): the text may begin anywhere before, in the prompt too, and end within the token. Special
 * tokens count with their names, and a token that begins a word counts with the space before it wherever it stands. The
 * sequence stays as it is, stop string and whatever the last token has behind it included.
 *
 * <p>The work per token depends on the length of the texts, not on that of the sequence.
 */
public final class StopStrings implements StoppingRule {
    /** Behind other text a token keeps its space; any text does. */
    private static final String BEFORE = "abcdef";

    private final Tokenizer tokenizer;
    private final List<String> texts;
    private final int[] before;
    private final int begin;
    private final int window;

    /**
     * @param tokenizer turns tokens into text
     * @param texts the texts, none of them empty
     */
    public StopStrings(Tokenizer tokenizer, List<String> texts) {
        this.tokenizer = tokenizer;
        this.texts = List.copyOf(texts);
        before = tokenizer.encodePlain(BEFORE).ids();
        begin = tokenizer.decodeWithSpecialTokens(before).length();
        // A token has a byte at least.
        window = texts.stream().mapToInt(text -> text.getBytes(StandardCharsets.UTF_8).length).max().orElse(0);
    }

    @Override
    public boolean stops(long[] ids, int promptLength) {
        int from = Math.max(0, ids.length - window);
        String earlier = text(ids, from, ids.length - 1);
        String whole = text(ids, from, ids.length);
        int shared = 0;
        while (shared < Math.min(earlier.length(), whole.length()) && earlier.charAt(shared) == whole.charAt(shared)) {
            shared++;
        }
        for (String text : texts) {
            if (whole.indexOf(text, Math.max(begin, shared - text.length() + 1)) >= 0) {
                return true;
            }
        }
        return false;
    }

    private String text(long[] ids, int from, int end) {
        return tokenizer.decodeWithSpecialTokens(IntStream.concat(
                IntStream.of(before), IntStream.range(from, end).map(i -> (int) ids[i])).toArray());
    }
}
