package org.jformers.text.tokenizer;

import java.util.Arrays;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * Streams through any decoder: the newest ids are decoded together with those before them, and what they add is the
 * text. Text that ends in U+FFFD waits, for it may be half a character, and so does a row of tokens that stand for one
 * byte each: what it becomes is certain when it ends, for one wrong byte can spoil all of it. Tokens that do not show
 * do not end it.
 */
final class WindowStream implements TokenStream {
    private final Function<int[], String> decoder;
    private final IntPredicate waits;
    private final String unfinished;
    private int[] ids = new int[0];
    private int read;
    private String prefix = "";

    /**
     * @param waits whether a token stands for one byte, or does not show
     * @param unfinished what a text ends with whose last token goes on in the next, empty if there is no such mark
     */
    WindowStream(Function<int[], String> decoder, IntPredicate waits, String unfinished) {
        this.decoder = decoder;
        this.waits = waits;
        this.unfinished = unfinished;
    }

    @Override
    public String next(int id) {
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = id;
        if (waits.test(id)) {
            return "";
        }
        String text = decoder.apply(ids);
        boolean wait = text.endsWith("\uFFFD");
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
