package org.jformers.nn.attention;

import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Pages of a pool and how many use each. A page that nobody uses is free. Used by one thread.
 */
final class PageAllocator {
    private final int[] users;
    private final int[] free;
    private int frees;

    /** A pool of pages, all free. */
    PageAllocator(int pages) {
        if (pages < 1) {
            throw new IllegalArgumentException("pages: got " + pages + ", allowed at least 1");
        }
        users = new int[pages];
        free = new int[pages];
        Arrays.setAll(free, i -> pages - 1 - i);
        frees = pages;
    }

    /** A free page, which has one user then; empty if there is none. */
    OptionalInt take() {
        if (frees == 0) {
            return OptionalInt.empty();
        }
        int page = free[--frees];
        users[page] = 1;
        return OptionalInt.of(page);
    }

    /** One more user of a page that has some. */
    void share(int page) {
        requireUsed(page);
        users[page]++;
    }

    /** One user less. */
    void release(int page) {
        requireUsed(page);
        if (--users[page] == 0) {
            free[frees++] = page;
        }
    }

    /** Whether a page has a single user, who may write to it. */
    boolean isOwn(int page) {
        requireUsed(page);
        return users[page] == 1;
    }

    int users(int page) {
        return users[page];
    }

    /** Free pages. */
    int frees() {
        return frees;
    }

    int pages() {
        return users.length;
    }

    private void requireUsed(int page) {
        if (page < 0 || page >= users.length || users[page] == 0) {
            throw new IllegalStateException("page: got " + page + ", allowed pages in use");
        }
    }
}
