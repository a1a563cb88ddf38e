package org.jformers.generation;

import java.util.Arrays;
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

    private Strand(Strand other, long[] ids) {
        source = other.source;
        prompt = other.prompt;
        promptLength = other.promptLength;
        this.ids = ids;
    }

    int source() {
        return source;
    }

    long[] ids() {
        return ids;
    }

    void append(long token) {
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = token;
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

    /** Lets the row go; what it read is read again should the sequence go on. */
    void end(Decoding decoding) {
        if (hasRow()) {
            decoding.end(row);
            row = NONE;
            read = 0;
        }
    }

    void replace(long[] others) {
        ids = others;
    }

    /** Forgets what the row has read beyond the last token but one, which are guesses that were not kept. */
    void forget(Decoding decoding) {
        if (hasRow() && read > tokens() - 1) {
            read = tokens() - 1;
            decoding.truncate(row, read);
        }
    }

    /** How many tokens, the last ones, are to be scored. */
    int scored() {
        return scored;
    }

    void score(int count) {
        scored = count;
    }

    /** A sequence that goes on from this one, in a row that has read the same. */
    Strand fork(Decoding decoding, long[] longer) {
        Strand other = new Strand(this, longer);
        if (hasRow()) {
            other.row = decoding.fork(row);
            other.read = read;
        }
        return other;
    }

    /** The sequence that goes on from this one in its row, in its place. */
    Strand succeed(long[] longer) {
        Strand other = new Strand(this, longer);
        other.row = row;
        other.read = read;
        row = NONE;
        return other;
    }
}
