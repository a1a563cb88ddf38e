package org.jformers.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jformers.data.Draw;
import org.jformers.objective.TextVectors;
import org.jformers.objective.TextVectors.Nearest;
import org.jformers.task.SentenceEmbedding.Mining;

/**
 * Finds for a text those that a model takes for like it, though they are not said to be: second texts of other rows,
 * near the first one. Reference: sentence-transformers 6.0, {@code mine_hard_negatives}; arXiv:2407.15831. Unlike
 * there, a text is never its own negative.
 */
final class HardNegatives {
    /** Candidates for each negative where some may be refused. */
    private static final int CANDIDATES = 10;

    private final TextVectors vectors;
    private final Mining mining;
    /** The first texts, each with its second ones. */
    private final Map<Integer, Set<Integer>> positives = new LinkedHashMap<>();
    private final int[] corpus;

    private HardNegatives(TextVectors vectors, int[][] rows, Mining mining) {
        this.vectors = vectors;
        this.mining = mining;
        for (int[] row : rows) {
            positives.computeIfAbsent(row[0], text -> new LinkedHashSet<>()).add(row[1]);
        }
        corpus = Arrays.stream(rows).mapToInt(row -> row[1]).distinct().toArray();
    }

    /**
     * The negatives of each row, the nearest first; fewer than asked for where there are no more.
     *
     * @param rows numbers of the first and the second text of each
     * @param draw where random choices come from
     */
    static int[][] of(TextVectors vectors, int[][] rows, Mining mining, Draw draw) {
        Map<Integer, int[]> found = new HardNegatives(vectors, rows, mining).find(draw);
        return Arrays.stream(rows).map(row -> found.get(row[0])).toArray(int[][]::new);
    }

    private Map<Integer, int[]> find(Draw draw) {
        int[] queries = positives.keySet().stream().mapToInt(Integer::intValue).toArray();
        int most = positives.values().stream().mapToInt(Set::size).max().orElseThrow();
        int last = last(most);
        List<Nearest> nearest = vectors.nearest(queries, corpus, last + most);
        Map<Integer, int[]> found = new LinkedHashMap<>();
        for (int i = 0; i < queries.length; i++) {
            List<Integer> candidates = candidates(queries[i], nearest.get(i));
            List<Integer> ranked = candidates.subList(
                    Math.min(mining.rangeMin(), candidates.size()), Math.min(last, candidates.size()));
            found.put(queries[i], chosen(ranked, draw, queries[i]));
        }
        return found;
    }

    private int last(int mostPositives) {
        if (mining.rangeMax() != null) {
            return mining.rangeMax();
        }
        boolean refuses =
                mining.absoluteMargin() != null || mining.relativeMargin() != null || mining.maxScore() != null;
        return mining.rangeMin() + mining.hardNegatives() * (refuses ? CANDIDATES : 1) + mostPositives;
    }

    private List<Integer> candidates(int query, Nearest nearest) {
        Set<Integer> right = Objects.requireNonNull(positives.get(query));
        double least = right.stream().mapToDouble(text -> vectors.cosine(query, text)).min().orElseThrow();
        List<Integer> candidates = new ArrayList<>();
        for (int i = 0; i < nearest.texts().length; i++) {
            int text = nearest.texts()[i];
            if (text != query && !right.contains(text) && allowed(nearest.cosines()[i], least)) {
                candidates.add(text);
            }
        }
        return candidates;
    }

    private boolean allowed(double cosine, double least) {
        return !(mining.absoluteMargin() != null && cosine + mining.absoluteMargin() > least)
                && !(mining.relativeMargin() != null && cosine > least - Math.abs(least) * mining.relativeMargin())
                && !(mining.maxScore() != null && cosine > mining.maxScore());
    }

    private int[] chosen(List<Integer> ranked, Draw draw, int query) {
        int[] places = IntStream.range(0, ranked.size()).toArray();
        int count = Math.min(mining.hardNegatives(), places.length);
        if (mining.sampling() == Mining.Sampling.RANDOM) {
            for (int i = 0; i < count; i++) {
                int other = i + draw.below(places.length - i, query, i);
                int place = places[i];
                places[i] = places[other];
                places[other] = place;
            }
        }
        return Arrays.stream(places, 0, count).sorted().map(ranked::get).toArray();
    }
}
