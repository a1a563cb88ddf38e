package org.jformers.text.regex;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.IntPredicate;

/**
 * A set of code points, given by a rule that is asked once for each page of 256 code points and then remembered. Until
 * it is asked for more than the first page it is small: an expression may have many sets.
 */
final class CharSet {
    private static final int PLANES = 0x110000 >>> 16;
    private static final int PAGES = 256;

    private final IntPredicate rule;
    private final long[] latin;
    /** Its elements are safely published by their own final field; when threads race, one makes pages once more. */
    @SuppressWarnings({"unchecked", "rawtypes"})
    private final AtomicReferenceArray<long[]>[] planes = new AtomicReferenceArray[PLANES];

    CharSet(IntPredicate rule) {
        this.rule = rule;
        latin = page(0);
    }

    boolean contains(int c) {
        if (c < 0x100) {
            return (latin[c >>> 6] >>> c & 1) != 0;
        }
        AtomicReferenceArray<long[]> plane = planes[c >>> 16];
        if (plane == null) {
            plane = new AtomicReferenceArray<>(PAGES);
            planes[c >>> 16] = plane;
        }
        long[] page = plane.getAcquire(c >>> 8 & 0xFF);
        if (page == null) {
            page = page(c >>> 8);
            plane.setRelease(c >>> 8 & 0xFF, page);
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
