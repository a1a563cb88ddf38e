package org.jformers.text.chat;

/**
 * What one rendering may still use. A template is foreign code: every step, every character and every list element that
 * it makes is paid for, and how deep it nests is bounded, so that a hostile one ends in an error.
 */
final class Meter {
    /** Templates of public models stay below a million; a long conversation pays for its characters besides. */
    static final long STEPS = 50_000_000;

    /** Characters that a rendering, or any text on the way to it, may have. */
    static final int CHARACTERS = 16_000_000;

    /** Java calls within each other, as good as they can be counted; fits a stack of 256 KiB. */
    static final int DEPTH = 500;

    private static final int CALLS_PER_PART = 3;

    private static final int STEPS_PER_ELEMENT = 8;

    private final long limit;
    private long used;
    private int depth;
    private int line = 1;

    Meter(long limit) {
        this.limit = limit;
    }

    void spend(long steps) {
        used += steps;
        if (used > limit) {
            throw new ChatTemplateException("the template takes more than the allowed " + limit + " steps");
        }
    }

    void spendElements(long count) {
        spend(Math.min(count, limit) * STEPS_PER_ELEMENT);
    }

    /** Goes one level deeper, to something written in a line; returns the line above, for {@link #leave}. */
    int enter(int newLine) {
        int above = line;
        line = newLine;
        spend(1);
        deeper(CALLS_PER_PART);
        return above;
    }

    void deeper(int calls) {
        depth += calls;
        if (depth > DEPTH) {
            throw new ChatTemplateException("statements, expressions and macro calls nest too deeply");
        }
    }

    void higher(int calls) {
        depth -= calls;
    }

    /** Not called when something fails: a failure ends the rendering, and its line is then still known. */
    void leave(int above) {
        higher(CALLS_PER_PART);
        line = above;
    }

    int line() {
        return line;
    }
}
