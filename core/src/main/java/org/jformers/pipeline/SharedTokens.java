package org.jformers.pipeline;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Joins the tokens of windows that overlap: where the end of one is most like the beginning of the next, half of what
 * they share is taken from each. Reference: transformers 5.18, {@code _find_longest_common_sequence} of {@code
 * models/whisper/tokenization_whisper.py}.
 */
final class SharedTokens {
    private SharedTokens() {}

    /** A place at which two sequences may lie upon each other, with how like they are there. */
    private record Overlap(int left, int right, int length, double likeness) {}

    /** One sequence of all, of which there is one at least. */
    static int[] joined(List<int[]> sequences) {
        IntStream all = IntStream.empty();
        int[] left = sequences.get(0);
        for (int[] right : sequences.subList(1, sequences.size())) {
            Overlap best = best(left, right);
            int begin = best.right() + best.right() + best.length();
            all = IntStream.concat(all, IntStream.of(left).limit((best.left() + best.left() + best.length()) / 2));
            left = IntStream.of(right).skip(begin / 2).toArray();
        }
        return IntStream.concat(all, IntStream.of(left)).toArray();
    }

    private static Overlap best(int[] left, int[] right) {
        Overlap best = new Overlap(left.length, 0, 0, 0);
        for (int shift = 1; shift < left.length + right.length; shift++) {
            int from = Math.max(0, left.length - shift);
            int to = Math.min(left.length, left.length + right.length - shift);
            int place = Math.max(0, shift - left.length);
            int matches = 0;
            for (int i = from; i < to; i++) {
                matches += left[i] == right[place + i - from] ? 1 : 0;
            }
            double likeness = (double) matches / shift + shift / 10_000.0; // of equal shares the longer counts more
            if (matches > 1 && likeness > best.likeness()) {
                best = new Overlap(from, place, to - from, likeness);
            }
        }
        return best;
    }
}
