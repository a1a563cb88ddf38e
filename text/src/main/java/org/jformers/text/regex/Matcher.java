package org.jformers.text.regex;

import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import org.jformers.text.WorkBudget;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program on a text. What is left to try lies on a stack of its own, so no text can exhaust that of the thread.
 */
final class Matcher {
    private static final int FAIL = -1;
    private static final IntPredicate WORD = SetParser.word(false);
    private static final Pattern CLUSTER = Pattern.compile("\\X");
    private static final int CLUSTER_WINDOW = 64;

    /** Numbers of an entry on the stack. */
    private static final int ENTRY = 3;

    private final int[] code;
    private final CharSet[] sets;
    private final @Nullable CharSet first;
    private final int[] chars;
    private final int from;
    private final int to;
    private final int[] registers;
    private final WorkBudget budget;
    private int[] stack = new int[96];
    private int top;
    /** Steps that are left of those that were allowed before the budget is asked again. */
    private int fuel;
    private int tank;
    private int searchStart;
    private int target;

    Matcher(Program program, int[] chars, int from, int to, WorkBudget budget) {
        this.budget = budget;
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
        for (int at = start; at <= to; at++) {
            if (first != null && (at == to || !first.contains(chars[at]))) {
                fuel--;
                continue;
            }
            top = 0;
            Arrays.fill(registers, FAIL);
            fuel -= registers.length;
            end = run(0, at);
            if (end >= 0) {
                return at;
            }
        }
        return FAIL;
    }

    /** Pays for what was done since the budget was last asked. */
    void pay() {
        fuel = refueled(fuel);
    }

    private int refueled(int left) {
        budget.spend(tank - left);
        tank = (int) budget.beforeLook();
        return tank;
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
        int left = fuel;
        while (true) {
            if (--left < 0) {
                left = refueled(left);
            }
            int x = code[3 * pc + 1];
            int y = code[3 * pc + 2];
            boolean good = true;
            switch (code[3 * pc]) {
                case Program.MATCH -> {
                    fuel = left;
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
                    left += at;
                    int least = at + y;
                    int most = (int) Math.min((long) at + code[3 * pc + 4], to);
                    CharSet set = sets[x];
                    while (at < most && set.contains(chars[at])) {
                        at++;
                    }
                    left -= at;
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
                    left -= Math.max(length, 0);
                    pc++;
                }
                case Program.ATOMIC, Program.AHEAD, Program.NOT_AHEAD -> {
                    int mark = top;
                    fuel = left;
                    int reached = run(pc + 1, at);
                    good = reached >= 0 != (code[3 * pc] == Program.NOT_AHEAD);
                    settle(mark, good && reached >= 0);
                    left = fuel;
                    at = code[3 * pc] == Program.ATOMIC ? reached : at;
                    pc = x;
                }
                case Program.BEHIND, Program.NOT_BEHIND -> {
                    int mark = top;
                    fuel = left;
                    boolean found = behind(pc + 2, at, y, code[3 * pc + 4]);
                    good = found != (code[3 * pc] == Program.NOT_BEHIND);
                    settle(mark, good && found);
                    left = fuel;
                    pc = x;
                }
                case Program.AT_TARGET -> {
                    good = at == target;
                    pc++;
                }
                case Program.CLUSTER -> {
                    good = at < to;
                    left += at - CLUSTER_WINDOW;
                    at = good ? clusterEnd(at) : at;
                    left -= at;
                    pc++;
                }
                default -> {
                    good = holds(code[3 * pc], at);
                    pc++;
                }
            }
            while (!good) {
                left--;
                if (top == base) {
                    fuel = left;
                    return FAIL;
                }
                top -= ENTRY;
                int entry = stack[top];
                if (entry < 0) {
                    registers[~entry] = stack[top + 1];
                    continue;
                }
                pc = entry;
                at = stack[top + 1];
                if (at > stack[top + 2]) {
                    stack[top + 1]--;
                    top += ENTRY;
                }
                good = true;
            }
        }
    }

    /** Something to try later: an instruction, a place, and the smallest place that may still be tried after it. */
    private void push(int entry, int place, int least) {
        if (top == stack.length) {
            budget.room(2L * top / ENTRY);
            stack = Arrays.copyOf(stack, 2 * top);
        }
        stack[top] = entry;
        stack[top + 1] = place;
        stack[top + 2] = least;
        top += ENTRY;
    }

    /**
     * Forgets what is left to try since the mark. Registers keep their values, and how to restore them, or get them
     * back.
     */
    private void settle(int mark, boolean keep) {
        fuel -= (top - mark) / ENTRY;
        int kept = mark;
        if (keep) {
            for (int i = mark; i < top; i += ENTRY) {
                if (stack[i] < 0) {
                    System.arraycopy(stack, i, stack, kept, ENTRY);
                    kept += ENTRY;
                }
            }
        } else {
            for (int i = top - ENTRY; i >= mark; i -= ENTRY) {
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
