package org.jformers.evaluation.metric;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tercom's greedy search for block shifts, with the limits and preferences sacreBLEU has: the shift that saves most
 * edits is made until none saves any. A block is tried when it matches the reference somewhere, is not all right where
 * it stands and not all right where it would go. Of equal savings the longer block, then the leftmost, then the
 * leftmost target wins.
 *
 * <p>Edit distance is computed in a band about the diagonal. A shifted text differs from the one before only from the
 * first word moved, so the rows above are reused.
 */
final class ShiftSearch {
    private static final int MAX_BLOCK = 10;
    private static final int MAX_DISTANCE = 50;
    private static final int MAX_TRIED = 1000;
    private static final int BAND = 25;
    private static final int OUTSIDE = Integer.MAX_VALUE / 2;

    private static final byte MATCH = 0;
    private static final byte SUBSTITUTE = 1;
    private static final byte DELETE = 2;
    private static final byte INSERT = 3;

    private final int[] reference;
    private final double ratio;
    private final int band;
    // Of the current text; the trial rows share nothing with them and are overwritten by each trial.
    private final int[][] cost;
    private final byte[][] operation;
    private final int[][] trialCost;
    private int[] words;
    private int tried;

    private ShiftSearch(int[] hypothesis, int[] reference) {
        this.words = hypothesis.clone();
        this.reference = reference;
        ratio = hypothesis.length == 0 ? 1 : (double) reference.length / hypothesis.length;
        band = BAND < ratio / 2 ? (int) Math.ceil(ratio / 2 + BAND) : BAND;
        cost = new int[hypothesis.length + 1][reference.length + 1];
        operation = new byte[hypothesis.length + 1][reference.length + 1];
        trialCost = new int[hypothesis.length + 1][reference.length + 1];
        for (int j = 0; j <= reference.length; j++) {
            cost[0][j] = j;
            operation[0][j] = INSERT;
        }
    }

    /** Edits and shifts that turn the hypothesis into the reference. */
    static int edits(int[] hypothesis, int[] reference) {
        if (reference.length == 0) {
            return hypothesis.length;
        }
        return new ShiftSearch(hypothesis, reference).search();
    }

    private int search() {
        int shifts = 0;
        measure(0);
        while (true) {
            Shift best = bestShift();
            if (tried >= MAX_TRIED || best == null || best.saved <= 0) {
                return shifts + cost[words.length][reference.length];
            }
            words = shifted(best.start, best.length, best.target);
            measure(Math.min(best.start, best.target));
            shifts++;
        }
    }

    /** The shift that saves most; null if there is none to try. */
    private @Nullable Shift bestShift() {
        Alignment alignment = align();
        Shift best = null;
        for (int start = 0; start < words.length; start++) {
            int last = Math.min(reference.length - 1, start + MAX_DISTANCE);
            for (int match = Math.max(0, start - MAX_DISTANCE); match <= last; match++) {
                for (int length = 1; matches(start, match, length); length++) {
                    if (!alignment.wantsShift(start, match, length)) {
                        continue;
                    }
                    best = better(best, start, match, length, alignment.position);
                    if (tried >= MAX_TRIED) {
                        return best;
                    }
                }
            }
        }
        return best;
    }

    private boolean matches(int start, int match, int length) {
        int last = length - 1;
        return length <= MAX_BLOCK
                && start + last < words.length
                && match + last < reference.length
                && words[start + last] == reference[match + last];
    }

    /** Tries the block behind each word that stands where the block belongs, and before the first of them. */
    private @Nullable Shift better(@Nullable Shift best, int start, int match, int length, int[] position) {
        Shift found = best;
        int previous = -1;
        for (int offset = -1; offset < length; offset++) {
            int target = match + offset < 0 ? 0 : position[match + offset] + 1;
            if (target == previous) {
                continue;
            }
            previous = target;
            tried++;
            Shift shift = new Shift(saved(start, length, target), length, start, target);
            if (found == null || shift.beats(found)) {
                found = shift;
            }
        }
        return found;
    }

    private int saved(int start, int length, int target) {
        int[] trial = shifted(start, length, target);
        int first = Math.min(start, target);
        for (int i = first + 1; i <= trial.length; i++) {
            row(trial, i, i == first + 1 ? cost[first] : trialCost[i - 1], trialCost[i], null);
        }
        return cost[words.length][reference.length] - trialCost[words.length][reference.length];
    }

    /** The words with the block before the word at target; a target inside or right behind the block moves it on. */
    private int[] shifted(int start, int length, int target) {
        int to = target < start ? target : target > start + length ? target - length : target;
        int[] result = new int[words.length];
        int rest = 0;
        int end = Math.min(to, words.length - length);
        for (int i = 0; i < words.length; i++) {
            if (i == start) {
                i += length - 1;
                continue;
            }
            result[rest < end ? rest : rest + length] = words[i];
            rest++;
        }
        System.arraycopy(words, start, result, end, length);
        return result;
    }

    /** Fills cost and operation rows of the current words behind row {@code known}. */
    private void measure(int known) {
        for (int i = known + 1; i <= words.length; i++) {
            row(words, i, cost[i - 1], cost[i], operation[i]);
        }
    }

    /** One row of the edit matrix; of equal costs match or substitution comes first, then deletion, then insertion. */
    private void row(int[] text, int i, int[] above, int[] row, byte @Nullable [] operations) {
        int diagonal = (int) Math.floor(i * ratio);
        int from = Math.max(0, diagonal - band);
        int to = i == text.length ? reference.length : Math.min(reference.length, diagonal + band - 1);
        Arrays.fill(row, OUTSIDE);
        for (int j = from; j <= to; j++) {
            if (j == 0) {
                row[0] = above[0] + 1;
                set(operations, 0, DELETE);
                continue;
            }
            boolean match = text[i - 1] == reference[j - 1];
            int least = above[j - 1] + (match ? 0 : 1);
            byte chosen = match ? MATCH : SUBSTITUTE;
            if (above[j] + 1 < least) {
                least = above[j] + 1;
                chosen = DELETE;
            }
            if (row[j - 1] + 1 < least) {
                least = row[j - 1] + 1;
                chosen = INSERT;
            }
            if (least < OUTSIDE) {
                row[j] = least;
                set(operations, j, chosen);
            }
        }
    }

    private static void set(byte @Nullable [] operations, int j, byte chosen) {
        if (operations != null) {
            operations[j] = chosen;
        }
    }

    /** Walks the cheapest path back from the end. */
    private Alignment align() {
        Alignment alignment = new Alignment(words.length, reference.length);
        int i = words.length;
        int j = reference.length;
        while (i > 0 || j > 0) {
            byte chosen = operation[i][j];
            if (chosen == DELETE) {
                alignment.hypothesisWrong[--i] = true;
            } else {
                alignment.position[--j] = i - 1;
                alignment.referenceWrong[j] = chosen != MATCH;
                if (chosen != INSERT) {
                    alignment.hypothesisWrong[--i] = chosen == SUBSTITUTE;
                }
            }
        }
        return alignment;
    }

    private record Shift(int saved, int length, int start, int target) {
        boolean beats(Shift other) {
            if (saved != other.saved) {
                return saved > other.saved;
            }
            if (length != other.length) {
                return length > other.length;
            }
            return start != other.start ? start < other.start : target < other.target;
        }
    }

    /** Where each reference word stands in the hypothesis (-1: before it), and which words of either are wrong. */
    private static final class Alignment {
        private final int[] position;
        private final boolean[] referenceWrong;
        private final boolean[] hypothesisWrong;

        Alignment(int words, int references) {
            position = new int[references];
            referenceWrong = new boolean[references];
            hypothesisWrong = new boolean[words];
        }

        /** Something is wrong at both places, and the block does not stand there already. */
        boolean wantsShift(int start, int match, int length) {
            return any(hypothesisWrong, start, length)
                    && any(referenceWrong, match, length)
                    && (position[match] < start || position[match] >= start + length);
        }

        private static boolean any(boolean[] wrong, int from, int length) {
            for (int i = from; i < from + length; i++) {
                if (wrong[i]) {
                    return true;
                }
            }
            return false;
        }
    }
}
