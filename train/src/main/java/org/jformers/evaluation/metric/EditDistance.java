package org.jformers.evaluation.metric;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Levenshtein distance between sequences of symbols: fewest insertions, deletions and substitutions (cost 1 each). */
public final class EditDistance {
    private EditDistance() {}

    public static int between(List<?> one, List<?> other) {
        Map<Object, Integer> ids = new HashMap<>();
        return between(ids(one, ids), ids(other, ids));
    }

    public static int between(int[] one, int[] other) {
        int[] shorter = one.length < other.length ? one : other;
        int[] longer = shorter == one ? other : one;
        int[] distance = new int[shorter.length + 1];
        for (int j = 0; j < distance.length; j++) {
            distance[j] = j;
        }
        for (int i = 1; i <= longer.length; i++) {
            int diagonal = distance[0];
            distance[0] = i;
            for (int j = 1; j < distance.length; j++) {
                int substituted = diagonal + (longer[i - 1] == shorter[j - 1] ? 0 : 1);
                diagonal = distance[j];
                distance[j] = Math.min(substituted, 1 + Math.min(distance[j], distance[j - 1]));
            }
        }
        return distance[shorter.length];
    }

    /** Numbers the symbols, equal symbols alike, new ones in order of appearance. */
    static int[] ids(List<?> symbols, Map<Object, Integer> known) {
        int[] ids = new int[symbols.size()];
        for (int i = 0; i < ids.length; i++) {
            Integer id = known.putIfAbsent(symbols.get(i), known.size());
            ids[i] = id == null ? known.size() - 1 : id;
        }
        return ids;
    }
}
