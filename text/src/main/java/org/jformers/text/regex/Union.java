package org.jformers.text.regex;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;

/** Characters, ranges and classes taken together; asking takes no longer for a hundred thousand ranges than for one. */
final class Union implements IntPredicate {
    private final BitSet characters = new BitSet();
    private final List<IntPredicate> classes = new ArrayList<>();

    void add(int first, int last) {
        characters.set(first, last + 1);
    }

    void add(IntPredicate more) {
        classes.add(more);
    }

    @Override
    public boolean test(int c) {
        if (characters.get(c)) {
            return true;
        }
        for (IntPredicate more : classes) {
            if (more.test(c)) {
                return true;
            }
        }
        return false;
    }
}
