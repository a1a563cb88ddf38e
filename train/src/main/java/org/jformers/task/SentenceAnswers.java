package org.jformers.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jformers.evaluation.metric.Correlation;
import org.jformers.objective.TextVectors;
import org.jformers.objective.TextVectors.Nearest;
import org.jformers.training.report.ReportData;

/** What vectors say of rows: how alike the texts are, or which second text a first one is nearest to. */
abstract class SentenceAnswers {
    final SentenceRows rows;
    final TextVectors vectors;

    private SentenceAnswers(SentenceRows rows, TextVectors vectors) {
        this.rows = rows;
        this.vectors = vectors;
    }

    static SentenceAnswers of(SentenceRows rows, TextVectors vectors) {
        return rows.scores().isPresent() ? new Scored(rows, vectors) : new Sought(rows, vectors);
    }

    /** The figures by name. */
    abstract Map<String, Double> figures();

    /** The rows that the vectors are most wrong about. */
    abstract ReportData.Errors errors(int samples);

    final String text(int number) {
        return rows.texts().get(number);
    }

    /** Rows with scores: cosines follow them, or not. */
    private static final class Scored extends SentenceAnswers {
        private final double[] truth;
        private final double[] cosines;

        Scored(SentenceRows rows, TextVectors vectors) {
            super(rows, vectors);
            float[] scores = rows.scores().orElseThrow();
            truth = IntStream.range(0, scores.length).mapToDouble(i -> scores[i]).toArray();
            cosines = Arrays.stream(rows.rows()).mapToDouble(row -> vectors.cosine(row[0], row[1])).toArray();
        }

        @Override
        Map<String, Double> figures() {
            Correlation correlation = Correlation.of(truth, cosines);
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("spearman", correlation.spearman());
            figures.put("pearson", correlation.pearson());
            return figures;
        }

        @Override
        ReportData.Errors errors(int samples) {
            List<ReportData.WorstExample> worst = IntStream.range(0, truth.length).boxed()
                    .sorted(Comparator.comparingDouble(i -> -Math.abs(truth[i] - cosines[i])))
                    .limit(samples)
                    .map(i -> new ReportData.WorstExample(
                            text(rows.rows()[i][0]) + " | " + text(rows.rows()[i][1]),
                            String.format(Locale.ROOT, "%.3f", truth[i]),
                            String.format(Locale.ROOT, "%.3f", cosines[i]), Math.abs(truth[i] - cosines[i])))
                    .toList();
            return ReportData.Errors.of(new ReportData.Scatter(boxed(truth), boxed(cosines)),
                    new ReportData.WorstExamples("distance", worst));
        }

        private static List<Double> boxed(double[] values) {
            return Arrays.stream(values).boxed().toList();
        }
    }

    /**
     * Rows without scores: each distinct first text seeks its second ones among those of all rows and the texts that
     * they are held apart from, as the {@code InformationRetrievalEvaluator} of sentence-transformers 6.0 does.
     */
    private static final class Sought extends SentenceAnswers {
        /** The last rank that counts. */
        private static final int LAST = 10;

        private final List<Search> searches = new ArrayList<>();

        /**
         * A first text and what it found.
         *
         * @param right its second texts
         * @param found the texts nearest to it
         * @param rank of the first right one among them; 0 if there is none
         */
        private record Search(int text, Set<Integer> right, List<Integer> found, int rank) {}

        Sought(SentenceRows rows, TextVectors vectors) {
            super(rows, vectors);
            Map<Integer, Set<Integer>> right = new LinkedHashMap<>();
            for (int[] row : rows.rows()) {
                right.computeIfAbsent(row[0], text -> new LinkedHashSet<>()).add(row[1]);
            }
            int[] queries = right.keySet().stream().mapToInt(Integer::intValue).toArray();
            int[] corpus = Arrays.stream(rows.rows()).flatMapToInt(row -> Arrays.stream(row, 1, row.length))
                    .distinct().toArray();
            List<Nearest> nearest = vectors.nearest(queries, corpus, LAST + 1); // one may be the text itself
            for (int i = 0; i < queries.length; i++) {
                int query = queries[i];
                Set<Integer> own = right.getOrDefault(query, Set.of());
                List<Integer> found = Arrays.stream(nearest.get(i).texts())
                        .filter(text -> text != query).limit(LAST).boxed().toList();
                int rank = IntStream.range(0, found.size())
                        .filter(place -> own.contains(found.get(place)))
                        .findFirst().orElse(-1) + 1;
                searches.add(new Search(query, own, found, rank));
            }
        }

        @Override
        Map<String, Double> figures() {
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("mrr", searches.stream().mapToDouble(search -> search.rank() == 0 ? 0 : 1.0 / search.rank())
                    .average().orElseThrow());
            figures.put("accuracy", searches.stream().mapToDouble(search -> search.rank() == 1 ? 1 : 0)
                    .average().orElseThrow());
            return figures;
        }

        @Override
        ReportData.Errors errors(int samples) {
            Comparator<Search> byRank = Comparator.comparingInt(search ->
                    search.rank() == 0 ? LAST + 1 : search.rank());
            List<ReportData.WorstExample> worst = searches.stream()
                    .sorted(byRank.reversed())
                    .limit(samples)
                    .map(search -> {
                        int expected = search.rank() == 0
                                ? search.right().iterator().next()
                                : search.found().get(search.rank() - 1);
                        String first = search.found().isEmpty() ? "" : text(search.found().get(0));
                        return new ReportData.WorstExample(text(search.text()), text(expected), first,
                                search.rank() == 0 ? LAST + 1 : search.rank());
                    })
                    .toList();
            return ReportData.Errors.of(
                    new ReportData.WorstExamples("rank of the right text, up to " + (LAST + 1), worst));
        }
    }
}
