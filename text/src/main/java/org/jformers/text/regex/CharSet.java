package org.jformers.text.regex;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntPredicate;

/** A set of code points, given by a rule that is asked once for each page of 256 code points and then remembered. */
final class CharSet {
    private static final int PAGES = 0x110000 >>> 8;

    private final IntPredicate rule;
    private final long[] latin;
    private final AtomicReferenceArray<long[]> pages = new AtomicReferenceArray<>(PAGES);

    CharSet(IntPredicate rule) {
        this.rule = rule;
        latin = page(0);
    }

    boolean contains(int c) {
        if (c < 0x100) {
            return (latin[c >>> 6] >>> c & 1) != 0;
        }
        long[] page = pages.getAcquire(c >>> 8);
        if (page == null) {
            page = page(c >>> 8);
            pages.setRelease(c >>> 8, page);
        }
        return (page[c >>> 6 & 3] >>> c & 1) != 0;
    }

    private long[] page(int number) {
        long[] page = new long[4];
        for (int i = 0; i < 0x100; i++) {
            if (rule.test(number << 8 | i)) {
                page[i >>> 6] |= 1L << i;
            }
        }
        return page;
    }
}
