package org.jformers.nn.attention;

import java.util.Arrays;
import org.jformers.JformersException;

/**
 * Which pages a row has, in order, and how many tokens are in them. A page that other rows use too is not written to:
 * {@link #reserve} puts one of its own in its place. Pure bookkeeping; what is in the pages is moved by a {@link Copy}.
 */
final class PageTable {
    private final PageAllocator pool;
    private final int pageTokens;
    private int[] pages = new int[0];
    private long length;

    /** Brings what is in a page to another one. */
    interface Copy {
        void copy(int from, int to);
    }

    PageTable(PageAllocator pool, int pageTokens) {
        if (pageTokens < 1) {
            throw new IllegalArgumentException("tokens of a page: got " + pageTokens + ", allowed at least 1");
        }
        this.pool = pool;
        this.pageTokens = pageTokens;
    }

    long length() {
        return length;
    }

    int[] pages() {
        return pages.clone();
    }

    /** The page of a token. */
    int page(long place) {
        return pages[Math.toIntExact(place / pageTokens)];
    }

    /**
     * Makes room for tokens that may be written.
     *
     * @throws JformersException if the pool has no page left; the row is as it was then
     */
    void reserve(long tokens, Copy copy) {
        int all = pagesOf(length + tokens);
        int last = Math.toIntExact(length / pageTokens);
        boolean copies = copies(tokens);
        int needed = needed(tokens);
        if (needed > pool.frees()) {
            throw new JformersException("cache: got " + tokens + " tokens for a row of " + length + ", which take "
                    + needed + " pages, allowed " + pool.frees() + " of " + pool.pages() + ", the rest is in use");
        }
        if (copies) {
            int own = pool.take().orElseThrow();
            copy.copy(pages[last], own);
            pool.release(pages[last]);
            pages[last] = own;
        }
        int there = pages.length;
        if (all > there) {
            pages = Arrays.copyOf(pages, all);
            for (int i = there; i < all; i++) {
                pages[i] = pool.take().orElseThrow();
            }
        }
    }

    /** How many free pages {@link #reserve} takes. */
    int needed(long tokens) {
        return Math.max(0, pagesOf(length + tokens) - pages.length) + (copies(tokens) ? 1 : 0);
    }

    /** Whether the next token stands in a page that others use too. */
    private boolean copies(long tokens) {
        return tokens > 0 && length % pageTokens != 0 && !pool.isOwn(page(length));
    }

    /** Begins with full pages, of which it is a user already. */
    void begin(int[] full) {
        if (length > 0 || pages.length > 0) {
            throw new IllegalStateException("pages: got a row of " + length + " tokens to begin, allowed an empty one");
        }
        pages = full.clone();
        length = (long) full.length * pageTokens;
    }

    /** Counts tokens that were written to room that was reserved. */
    void advance(long tokens) {
        if (pagesOf(length + tokens) > pages.length) {
            throw new IllegalStateException("pages: got " + tokens + " tokens, allowed as many as were reserved");
        }
        length += tokens;
    }

    /** Forgets the tokens from a place on, and the pages that no other is in. */
    void truncate(long shorter) {
        length = Math.min(length, shorter);
        int kept = pagesOf(length);
        for (int i = kept; i < pages.length; i++) {
            pool.release(pages[i]);
        }
        pages = Arrays.copyOf(pages, Math.min(kept, pages.length));
    }

    /** The same tokens in the same pages. */
    PageTable fork() {
        PageTable other = new PageTable(pool, pageTokens);
        other.length = length;
        other.pages = Arrays.copyOf(pages, pagesOf(length));
        for (int page : other.pages) {
            pool.share(page);
        }
        return other;
    }

    private int pagesOf(long tokens) {
        return Math.toIntExact((tokens + pageTokens - 1) / pageTokens);
    }
}
