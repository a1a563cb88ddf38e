package org.jformers.text.chat;

import org.jformers.text.WorkBudget;

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
    private static final int STEPS_PER_HOLDER = 40;
    private static final int STEPS_PER_SCOPE = 120;
    private static final int CHARACTERS_PER_STEP = 16;

    private final WorkBudget budget;
    private int depth;
    private int line = 1;

    Meter(WorkBudget budget) {
        this.budget = budget;
    }

    /** What a rendering may use if nothing else is said. */
    static WorkBudget budget() {
        return WorkBudget.of("the template", STEPS, CHARACTERS);
    }

    void spend(long steps) {
        budget.spend(steps);
    }

    /** Pays for elements that are made or copied. */
    void spendElements(long count) {
        budget.spend(Math.min(count, STEPS) * STEPS_PER_ELEMENT);
    }

    /** Pays for what keeps a scope, with all names in it: macros and loops. */
    void spendScope() {
        budget.spend(STEPS_PER_SCOPE);
    }

    /** Pays for values made one by one that hold something, such as a mapping. */
    void spendHolder() {
        budget.spend(STEPS_PER_HOLDER);
    }

    /** Pays for characters that are looked at, compared or copied in one go. */
    void spendScan(long characters) {
        budget.spend(characters / CHARACTERS_PER_STEP);
    }

    /** Pays for the room that a small value takes. */
    void spendValue() {
        budget.spend(STEPS_PER_ELEMENT);
    }

    /** Makes room for a text. */
    void room(long characters) {
        budget.room(characters);
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
