package org.jformers.settings;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Finds the names that somebody who mistyped one may have meant. */
public final class Nearest {
    private static final int MOST = 3;
    private static final double LEAST_SIMILARITY = 0.5;
    /** A name counts as a rival of the best one from this share of its similarity on. */
    private static final double RIVAL = 0.9;
    /** A full match of the last part of a path is worth a little less than a full match of the path. */
    private static final double LAST_PART = 0.95;

    private Nearest() {}

    /** The candidates most similar to {@code name}, best first, three at most; empty when none is similar. */
    public static List<String> to(String name, Collection<String> candidates) {
        Map<String, Double> similarity = new HashMap<>();
        candidates.forEach(candidate -> similarity.put(candidate, similarity(name, candidate)));
        double best = similarity.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
        double least = Math.max(LEAST_SIMILARITY, RIVAL * best);
        return candidates.stream()
                .distinct()
                .filter(candidate -> similarity.getOrDefault(candidate, 0.0) >= least)
                .sorted(Comparator.comparingDouble((String candidate) -> -similarity.getOrDefault(candidate, 0.0))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(MOST)
                .toList();
    }

    /** The end of an error message: {@code "; nearest: a, b"}, or nothing when no candidate is similar. */
    public static String hint(String name, Collection<String> candidates) {
        List<String> nearest = to(name, candidates);
        return nearest.isEmpty() ? "" : "; nearest: " + String.join(", ", nearest);
    }

    private static double similarity(String name, String candidate) {
        String a = name.toLowerCase(Locale.ROOT);
        String b = candidate.toLowerCase(Locale.ROOT);
        String lastA = a.substring(a.lastIndexOf('.') + 1);
        String lastB = b.substring(b.lastIndexOf('.') + 1);
        return Math.max(nameSimilarity(a, b), LAST_PART * nameSimilarity(lastA, lastB));
    }

    // Edits find typing errors, trigrams find parts left out or put in another order.
    private static double nameSimilarity(String a, String b) {
        return Math.max(1 - (double) edits(a, b) / Math.max(1, Math.max(a.length(), b.length())), sharedTrigrams(a, b));
    }

    /** Insertions, deletions, replacements and swaps of neighbours that turn one into the other. */
    private static int edits(String a, String b) {
        int[][] edits = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                int replaced = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                edits[i][j] = Math.min(replaced, 1 + Math.min(edits[i - 1][j], edits[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    edits[i][j] = Math.min(edits[i][j], 1 + edits[i - 2][j - 2]);
                }
            }
        }
        return edits[a.length()][b.length()];
    }

    /** Dice coefficient of the sets of three neighbouring letters. */
    private static double sharedTrigrams(String a, String b) {
        Set<String> ofA = trigrams(a);
        Set<String> ofB = trigrams(b);
        int sum = ofA.size() + ofB.size();
        ofA.retainAll(ofB);
        return sum == 0 ? 0 : 2.0 * ofA.size() / sum;
    }

    private static Set<String> trigrams(String text) {
        Set<String> trigrams = new HashSet<>();
        for (int i = 0; i + 3 <= text.length(); i++) {
            trigrams.add(text.substring(i, i + 3));
        }
        return trigrams;
    }
}
