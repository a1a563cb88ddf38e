package org.jformers.evaluation.metric;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jformers.evaluation.EvaluationException;

/**
 * How well scores put what is relevant to a query before what is not.
 *
 * @param reciprocalRank mean over the queries with something relevant of 1 / rank of the first of it, 0 behind rank 10
 *     (MRR@10); of equal scores, what is not relevant stands first. NaN if no query has anything relevant
 * @param averagePrecision precision at each score that is a relevant one's, weighed by the recall that it adds, all
 *     queries together (as scikit-learn's {@code average_precision_score}); NaN if nothing is relevant
 * @param queries how many queries have something relevant
 */
public record Ranking(double reciprocalRank, double averagePrecision, int queries) {
    private static final int DEEPEST = 10;

    /**
     * What is said of item i stands at i.
     *
     * @param queries the query that it is an answer to
     */
    public static Ranking of(List<String> queries, boolean[] relevant, double[] scores) {
        if (queries.size() != relevant.length || relevant.length != scores.length) {
            throw new EvaluationException("ranking: got " + scores.length + " scores and " + relevant.length
                    + " labels for " + queries.size() + " items, allowed: one for each");
        }
        Comparator<Integer> order = Comparator.<Integer>comparingDouble(i -> -scores[i])
                .thenComparing(i -> relevant[i]);
        List<List<Integer>> groups = withRelevant(queries, relevant);
        double reciprocal = mean(groups, items -> {
            List<Integer> ranked = items.stream().sorted(order).limit(DEEPEST).toList();
            int first = IntStream.range(0, ranked.size()).filter(rank -> relevant[ranked.get(rank)]).findFirst()
                    .orElse(-1);
            return first < 0 ? 0 : 1.0 / (first + 1);
        });
        return new Ranking(reciprocal, averagePrecision(relevant, scores), groups.size());
    }

    /** The mean reciprocal rank that scores at random have on average. */
    public static double chance(List<String> queries, boolean[] relevant) {
        return mean(withRelevant(queries, relevant), items -> {
            double there = items.stream().filter(i -> relevant[i]).count();
            double none = 1; // probability that nothing relevant stands before a rank
            double expected = 0;
            for (int rank = 1; rank <= Math.min(DEEPEST, items.size()); rank++) {
                double left = items.size() - rank + 1;
                expected += none * there / left / rank;
                none *= (left - there) / left;
            }
            return expected;
        });
    }

    /** Numbers of the items of each query that has something relevant. */
    private static List<List<Integer>> withRelevant(List<String> queries, boolean[] relevant) {
        Map<String, List<Integer>> groups = new LinkedHashMap<>();
        for (int i = 0; i < relevant.length; i++) {
            groups.computeIfAbsent(queries.get(i), query -> new ArrayList<>()).add(i);
        }
        return groups.values().stream().filter(items -> items.stream().anyMatch(i -> relevant[i])).toList();
    }

    private static double mean(List<List<Integer>> groups, ToDoubleFunction<List<Integer>> figure) {
        return groups.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }

    private static double averagePrecision(boolean[] relevant, double[] scores) {
        List<Integer> ranked = IntStream.range(0, scores.length).boxed()
                .sorted(Comparator.comparingDouble(i -> -scores[i])).toList();
        long all = IntStream.range(0, relevant.length).filter(i -> relevant[i]).count();
        double sum = 0;
        long found = 0;
        for (int from = 0; from < ranked.size(); ) {
            int to = from;
            long before = found;
            while (to < ranked.size() && scores[ranked.get(to)] == scores[ranked.get(from)]) {
                found += relevant[ranked.get(to++)] ? 1 : 0;
            }
            sum += (double) (found - before) / all * found / to;
            from = to;
        }
        return all == 0 ? Double.NaN : sum;
    }
}
