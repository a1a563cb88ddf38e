package org.jformers.generation;

import java.util.Arrays;
import java.util.Optional;
import org.jformers.model.Decoding;

/**
 * A sequence that goes on, and the row of a decoding that reads it.
 */
final class Strand {
    /** No row. */
    private static final int NONE = -1;

    private final int source;
    private final int[] prompt;
    private final int promptLength;
    private long[] ids;
    private int row = NONE;
    /** How many tokens the row has read. */
    private int read;
    private int scored = 1;
    /** The same new tokens behind another prompt, for {@link Guidance}. */
    private Optional<Strand> other = Optional.empty();

    /**
     * @param source number of its prompt
     * @param prompt what is to be read before the first new token
     * @param ids the same with padding, as rules and processors see it
     */
    Strand(int source, int[] prompt, long[] ids) {
        this.source = source;
        this.prompt = prompt;
        this.ids = ids;
        promptLength = ids.length;
    }

    private Strand(Strand before, long[] ids) {
        source = before.source;
        prompt = before.prompt;
        promptLength = before.promptLength;
        this.ids = ids;
    }

    int source() {
        return source;
    }

    int[] prompt() {
        return prompt;
    }

    long[] ids() {
        return ids;
    }

    /** Reads all new tokens behind another prompt as well. */
    void compareWith(int[] otherPrompt) {
        other = Optional.of(new Strand(source, otherPrompt, ids));
    }

    Optional<Strand> other() {
        return other;
    }

    void append(long token) {
        long[] longer = Arrays.copyOf(ids, ids.length + 1);
        longer[ids.length] = token;
        replace(longer);
    }

    /** How many tokens there are to read in all. */
    int tokens() {
        return prompt.length + ids.length - promptLength;
    }

    int unread() {
        return tokens() - read;
    }

    /** The next tokens to read. */
    int[] next(int count) {
        int[] next = new int[count];
        for (int i = 0; i < count; i++) {
            int place = read + i;
            next[i] = place < prompt.length ? prompt[place] : (int) ids[promptLength + place - prompt.length];
        }
        return next;
    }

    /** How many tokens its row has read. */
    int read() {
        return read;
    }

    /** How many tokens its prompt and another one begin with alike. */
    int sharedWith(Strand strand) {
        int different = Arrays.mismatch(prompt, strand.prompt);
        return different < 0 ? prompt.length : different;
    }

    void hasRead(int count) {
        read += count;
    }

    boolean hasRow() {
        return row != NONE;
    }

    int row() {
        return row;
    }

    void begins(int number) {
        row = number;
        read = 0;
    }

    /** Leaves out of what is to be read what is there of it already. */
    void recall(Decoding decoding, Optional<PromptCache> cache) {
        int[] text = next(tokens() - scored);
        read = decoding.recall(row, text);
        cache.ifPresent(kept -> read = kept.restore(decoding, row, text, read));
    }

    /** Lets the row go; what it read is read again should the sequence go on. */
    void end(Decoding decoding) {
        if (hasRow()) {
            decoding.end(row);
            row = NONE;
            read = 0;
        }
        other.ifPresent(strand -> strand.end(decoding));
    }

    void replace(long[] longer) {
        ids = longer;
        other.ifPresent(strand -> strand.replace(longer));
    }

    /** Forgets what the row has read beyond the last token but one, which are guesses that were not kept. */
    void forget(Decoding decoding) {
        if (hasRow() && read > tokens() - 1) {
            read = tokens() - 1;
            decoding.truncate(row, read);
        }
        other.ifPresent(strand -> strand.forget(decoding));
    }

    /** How many tokens, the last ones, are to be scored. */
    int scored() {
        return scored;
    }

    void score(int count) {
        scored = count;
        other.ifPresent(strand -> strand.score(count));
    }

    /** A sequence that goes on from this one, in a row that has read the same. */
    Strand fork(Decoding decoding, long[] longer) {
        Strand next = new Strand(this, longer);
        if (hasRow()) {
            next.row = decoding.fork(row);
            next.read = read;
        }
        next.other = other.map(strand -> strand.fork(decoding, longer));
        return next;
    }

    /** The sequence that goes on from this one in its row, in its place. */
    Strand succeed(long[] longer) {
        Strand next = new Strand(this, longer);
        next.row = row;
        next.read = read;
        next.other = other.map(strand -> strand.succeed(longer));
        row = NONE;
        return next;
    }
}
