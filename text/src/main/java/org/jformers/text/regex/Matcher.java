package org.jformers.text.regex;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;

/**
 * Runs a program on a text. What is left to try lies on a stack of its own, so no text can exhaust that of the thread.
 */
final class Matcher {
    /** As many ways back as the reference takes before it gives up. */
    private static final int MAX_STEPS = 10_000_000;

    private static final int FAIL = -1;
    private static final IntPredicate WORD = SetParser.word(false);
    private static final Pattern CLUSTER = Pattern.compile("\\X");
    private static final int CLUSTER_WINDOW = 64;

    private final String regex;
    private final int[] code;
    private final CharSet[] sets;
    private final CharSet first;
    private final int[] chars;
    private final int from;
    private final int to;
    private final int[] registers;
    private int[] stack = new int[96];
    private int top;
    private int steps;
    private int searchStart;
    private int target;

    Matcher(String regex, Program program, int[] chars, int from, int to) {
        this.regex = regex;
        code = program.code;
        sets = program.sets;
        first = program.first;
        registers = new int[program.registers];
        this.chars = chars;
        this.from = from;
        this.to = to;
    }

    /**
     * The place of the first match that begins at or after the start, and in {@link #end} where it ends; -1 if none.
     */
    int find(int start) {
        searchStart = start;
        steps = 0;
        for (int at = start; at <= to; at++) {
            if (first != null && (at == to || !first.contains(chars[at]))) {
                continue;
            }
            top = 0;
            Arrays.fill(registers, FAIL);
            end = run(0, at);
            if (end >= 0) {
                return at;
            }
        }
        return FAIL;
    }

    private int end;

    int end() {
        return end;
    }

    /** Runs from an instruction to its MATCH; returns where that is, -1 if there is no match. */
    private int run(int instruction, int start) {
        int base = top;
        int pc = instruction;
        int at = start;
        while (true) {
            int x = code[3 * pc + 1];
            int y = code[3 * pc + 2];
            boolean good = true;
            switch (code[3 * pc]) {
                case Program.MATCH -> {
                    return at;
                }
                case Program.CHARACTER -> {
                    good = at < to && chars[at] == x;
                    at++;
                    pc++;
                }
                case Program.SET -> {
                    good = at < to && sets[x].contains(chars[at]);
                    at++;
                    pc++;
                }
                case Program.SPAN -> {
                    int least = at + y;
                    int most = (int) Math.min((long) at + code[3 * pc + 4], to);
                    CharSet set = sets[x];
                    while (at < most && set.contains(chars[at])) {
                        at++;
                    }
                    pc += 2;
                    good = at >= least;
                    if (at > least) {
                        push(pc, at - 1, least);
                    }
                }
                case Program.SPLIT -> {
                    push(y, at, at);
                    pc = x;
                }
                case Program.JUMP -> pc = x;
                case Program.SAVE -> {
                    push(~x, registers[x], 0);
                    registers[x] = at;
                    pc++;
                }
                case Program.LEAVE_IF_EMPTY -> pc = registers[y] == at ? x : pc + 1;
                case Program.BACK_REFERENCE -> {
                    int begin = registers[2 * x];
                    int length = registers[2 * x + 1] - begin;
                    good = begin >= 0 && length >= 0 && at + length <= to
                            && Arrays.equals(chars, begin, begin + length, chars, at, at + length);
                    at += length;
                    pc++;
                }
                case Program.ATOMIC, Program.AHEAD, Program.NOT_AHEAD -> {
                    int mark = top;
                    int reached = run(pc + 1, at);
                    good = reached >= 0 != (code[3 * pc] == Program.NOT_AHEAD);
                    settle(mark, good && reached >= 0);
                    at = code[3 * pc] == Program.ATOMIC ? reached : at;
                    pc = x;
                }
                case Program.BEHIND, Program.NOT_BEHIND -> {
                    int mark = top;
                    boolean found = behind(pc + 2, at, y, code[3 * pc + 4]);
                    good = found != (code[3 * pc] == Program.NOT_BEHIND);
                    settle(mark, good && found);
                    pc = x;
                }
                case Program.AT_TARGET -> {
                    good = at == target;
                    pc++;
                }
                case Program.CLUSTER -> {
                    good = at < to;
                    at = good ? clusterEnd(at) : at;
                    pc++;
                }
                default -> {
                    good = holds(code[3 * pc], at);
                    pc++;
                }
            }
            while (!good) {
                if (top == base) {
                    return FAIL;
                }
                top -= 3;
                int entry = stack[top];
                if (entry < 0) {
                    registers[~entry] = stack[top + 1];
                    continue;
                }
                if (++steps > MAX_STEPS) {
                    throw new RegexException("the regular expression " + regex + " takes more than " + MAX_STEPS
                            + " steps on a text of " + (to - from) + " characters");
                }
                pc = entry;
                at = stack[top + 1];
                if (at > stack[top + 2]) {
                    stack[top + 1]--;
                    top += 3;
                }
                good = true;
            }
        }
    }

    /** Something to try later: an instruction, a place, and the smallest place that may still be tried after it. */
    private void push(int entry, int place, int least) {
        if (top == stack.length) {
            stack = Arrays.copyOf(stack, 2 * top);
        }
        stack[top] = entry;
        stack[top + 1] = place;
        stack[top + 2] = least;
        top += 3;
    }

    /**
     * Forgets what is left to try since the mark. Registers keep their values, and how to restore them, or get them
     * back.
     */
    private void settle(int mark, boolean keep) {
        int kept = mark;
        if (keep) {
            for (int i = mark; i < top; i += 3) {
                if (stack[i] < 0) {
                    System.arraycopy(stack, i, stack, kept, 3);
                    kept += 3;
                }
            }
        } else {
            for (int i = top - 3; i >= mark; i -= 3) {
                if (stack[i] < 0) {
                    registers[~stack[i]] = stack[i + 1];
                }
            }
        }
        top = kept;
    }

    private boolean behind(int instruction, int at, int least, int most) {
        int outer = target;
        target = at;
        boolean found = false;
        for (int length = least; length <= most && length <= at - from && !found; length++) {
            found = run(instruction, at - length) >= 0;
        }
        target = outer;
        return found;
    }

    private boolean holds(int operation, int at) {
        return switch (operation) {
            case Program.TEXT_START -> at == from;
            case Program.TEXT_END -> at == to;
            case Program.LAST_LINE_END -> at == to || (at == to - 1 && chars[at] == '\n');
            case Program.LINE_START -> at == from || (at < to && chars[at - 1] == '\n');
            case Program.LINE_END -> at == to || chars[at] == '\n';
            case Program.WORD_EDGE -> isWord(at - 1) != isWord(at);
            case Program.NO_WORD_EDGE -> isWord(at - 1) == isWord(at);
            case Program.SEARCH_START -> at == searchStart;
            case Program.NOTHING -> true;
            default -> throw new IllegalStateException("operation " + operation);
        };
    }

    private boolean isWord(int at) {
        return at >= from && at < to && WORD.test(chars[at]);
    }

    private int clusterEnd(int at) {
        int window = CLUSTER_WINDOW;
        while (true) {
            int limit = (int) Math.min((long) at + window, to);
            String text = new String(chars, at, limit - at);
            java.util.regex.Matcher cluster = CLUSTER.matcher(text);
            int units = cluster.lookingAt() ? cluster.end() : 1;
            if (units < text.length() || limit == to) {
                return at + text.codePointCount(0, units);
            }
            window *= 2;
        }
    }
}
