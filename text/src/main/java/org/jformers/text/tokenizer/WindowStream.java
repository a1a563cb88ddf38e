package org.jformers.text.tokenizer;

import java.util.Arrays;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * Streams through any decoder: the newest ids are decoded together with those before them, and what they add is the
 * text. Text that ends in U+FFFD waits, for it may be half a character, and so does a run of byte tokens until it ends:
 * a cut one makes all its bytes U+FFFD.
 */
final class WindowStream implements TokenStream {
    /** Tokens that wait at most: each of them costs work when the next one comes. */
    private static final int LONGEST_WAIT = 256;

    private final Function<int[], String> decoder;
    private final IntPredicate isByte;
    private final String unfinished;
    private int[] ids = new int[0];
    private int read;
    private String prefix = "";

    /**
     * @param isByte which tokens stand for a byte of UTF-8
     * @param unfinished what a text ends with whose last token goes on in the next, empty if there is no such mark
     */
    WindowStream(Function<int[], String> decoder, IntPredicate isByte, String unfinished) {
        this.decoder = decoder;
        this.isByte = isByte;
        this.unfinished = unfinished;
    }

    @Override
    public String next(int id) {
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = id;
        String text = decoder.apply(ids);
        boolean wait = (isByte.test(id) || text.endsWith("\uFFFD")) && ids.length - read < LONGEST_WAIT;
        wait |= !unfinished.isEmpty() && text.endsWith(unfinished);
        return wait || text.length() <= prefix.length() ? "" : emit(text);
    }

    @Override
    public String finish() {
        String text = decoder.apply(ids);
        String rest = text.length() > prefix.length() ? text.substring(prefix.length()) : "";
        ids = new int[0];
        read = 0;
        prefix = "";
        return rest;
    }

    /** Returns what is new; the ids that gave it stay as the left context of the next ones. */
    private String emit(String text) {
        String added = text.substring(prefix.length());
        ids = Arrays.copyOfRange(ids, read, ids.length);
        read = ids.length;
        prefix = decoder.apply(ids);
        return added;
    }
}
