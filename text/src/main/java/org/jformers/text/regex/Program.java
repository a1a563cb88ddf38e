package org.jformers.text.regex;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The instructions of a regular expression, three numbers each: operation and two arguments. */
final class Program {
    static final int MATCH = 0;
    /** A character of the set x. */
    static final int SET = 1;
    /** As many characters of the set x as there are, at least y; at most so many as the next instruction says. */
    static final int SPAN = 2;
    /** Go on at x, and at y if that fails. */
    static final int SPLIT = 3;
    static final int JUMP = 4;
    /** The place is kept in register x. */
    static final int SAVE = 5;
    /** Go on at x if the place is the one in register y. */
    static final int LEAVE_IF_EMPTY = 6;
    /** What registers 2x and 2x + 1 enclose. */
    static final int BACK_REFERENCE = 7;
    /** The instructions up to x match: their first match, that they match, that they do not. */
    static final int ATOMIC = 8;
    static final int AHEAD = 9;
    static final int NOT_AHEAD = 10;
    /** The instructions up to x match, or do not, y or more characters before and end here. */
    static final int BEHIND = 11;
    static final int NOT_BEHIND = 12;
    /** The place is the one from which was looked back. */
    static final int AT_TARGET = 13;
    /** Not run; holds the upper bound of the instruction before. */
    static final int LENGTHS = 14;
    static final int CLUSTER = 15;
    static final int TEXT_START = 16;
    static final int TEXT_END = 17;
    static final int LAST_LINE_END = 18;
    static final int LINE_START = 19;
    static final int LINE_END = 20;
    static final int WORD_EDGE = 21;
    static final int NO_WORD_EDGE = 22;
    static final int SEARCH_START = 23;
    static final int NOTHING = 24;
    /** The character x. */
    static final int CHARACTER = 25;

    private static final int MAX_INSTRUCTIONS = 200_000;
    /** Parts that are visited while instructions are written, those that write none included. */
    private static final int MAX_VISITS = 5 * MAX_INSTRUCTIONS;
    /** Each may remember all of Unicode, 280 KB. */
    private static final int MAX_SETS = 500;

    final int[] code;
    final CharSet[] sets;
    final int registers;
    /** Every match begins with one of these; null if that is not known. */
    final @Nullable CharSet first;

    private Program(int[] code, CharSet[] sets, int registers, @Nullable CharSet first) {
        this.code = code;
        this.sets = sets;
        this.registers = registers;
        this.first = first;
    }

    /** @param groups number of groups that can be referred to, their registers being the first */
    static Program of(Node node, int groups) {
        Builder builder = new Builder(2 * groups);
        node.emit(builder);
        builder.add(MATCH, 0, 0);
        return new Program(
                Arrays.copyOf(builder.code, 3 * builder.size),
                builder.sets.toArray(CharSet[]::new),
                builder.registers,
                node.first());
    }

    /** Instructions while they are written; places count instructions. */
    static final class Builder {
        private final boolean keepsGroups;
        private final List<CharSet> sets = new ArrayList<>();
        private final Map<CharSet, Integer> numbers = new IdentityHashMap<>();
        private int visits;
        private int[] code = new int[96];
        private int size;
        private int registers;

        Builder(int registers) {
            this.registers = registers;
            keepsGroups = registers > 0;
        }

        /** Whether any group is referred to. */
        boolean keepsGroups() {
            return keepsGroups;
        }

        int size() {
            return size;
        }

        int register() {
            return registers++;
        }

        int set(CharSet set) {
            Integer known = numbers.get(set);
            if (known != null) {
                return known;
            }
            if (sets.size() == MAX_SETS) {
                throw new RegexException("it is too large, it has more than " + MAX_SETS + " sets of characters");
            }
            numbers.put(set, sets.size());
            sets.add(set);
            return sets.size() - 1;
        }

        /** Counts the parts that are asked to write, for repetitions of what writes nothing have no end otherwise. */
        void visit() {
            if (++visits > MAX_VISITS) {
                throw new RegexException("it is too large, its repetitions come to more than " + MAX_VISITS
                        + " parts");
            }
        }

        int add(int operation, int x, int y) {
            if (size == MAX_INSTRUCTIONS) {
                throw new RegexException("it is too large, its repetitions come to more than " + MAX_INSTRUCTIONS
                        + " instructions");
            }
            if (3 * size == code.length) {
                code = Arrays.copyOf(code, 2 * code.length);
            }
            code[3 * size] = operation;
            code[3 * size + 1] = x;
            code[3 * size + 2] = y;
            return size++;
        }

        void first(int instruction, int x) {
            code[3 * instruction + 1] = x;
        }

        void second(int instruction, int y) {
            code[3 * instruction + 2] = y;
        }
    }
}
