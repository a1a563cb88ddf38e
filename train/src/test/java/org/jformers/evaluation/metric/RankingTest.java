package org.jformers.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jformers.evaluation.EvaluationException;
import org.junit.jupiter.api.Test;

final class RankingTest {
    private static final List<String> QUERIES = List.of("a", "b", "a", "b", "a", "c");

    /** What sentence-transformers' evaluator of cross-encoders and scikit-learn say. */
    @Test
    void measuresAsTheReferenceDoes() throws IOException {
        JsonNode golden;
        try (InputStream in = RankingTest.class.getResourceAsStream("/metrics/ranking.json")) {
            golden = new JsonMapper().readTree(in);
        }
        assertThat(golden.get("cases").size()).isGreaterThan(3);
        for (JsonNode each : golden.get("cases")) {
            List<String> queries = new ArrayList<>();
            each.get("queries").forEach(query -> queries.add(query.textValue()));
            boolean[] relevant = new boolean[queries.size()];
            double[] scores = new double[relevant.length];
            for (int i = 0; i < scores.length; i++) {
                relevant[i] = each.get("relevant").get(i).intValue() == 1;
                scores[i] = each.get("scores").get(i).doubleValue();
            }
            Ranking ranking = Ranking.of(queries, relevant, scores);
            assertThat(ranking.reciprocalRank()).isCloseTo(each.get("mrr").doubleValue(), within(1e-9));
            assertThat(ranking.averagePrecision())
                    .isCloseTo(each.get("average_precision").doubleValue(), within(1e-9));
        }
    }

    @Test
    void leavesQueriesWithoutAnythingRelevantOut() {
        boolean[] relevant = {false, true, true, false, false, false};
        Ranking ranking = Ranking.of(QUERIES, relevant, new double[] {3, 5, 2, 1, 4, 9});
        assertThat(ranking.queries()).isEqualTo(2);
        assertThat(ranking.reciprocalRank()).isCloseTo((1.0 / 3 + 1) / 2, within(1e-12));
        Ranking none = Ranking.of(QUERIES, new boolean[6], new double[6]);
        assertThat(none.reciprocalRank()).isNaN();
        assertThat(none.averagePrecision()).isNaN();
    }

    /** One score for all is no order, wherever the relevant one stands. */
    @Test
    void praisesNoTies() {
        Ranking ranking = Ranking.of(List.of("a", "a", "a"), new boolean[] {true, false, false}, new double[3]);
        assertThat(ranking.reciprocalRank()).isCloseTo(1.0 / 3, within(1e-12));
        assertThat(ranking.averagePrecision()).isCloseTo(1.0 / 3, within(1e-12));
    }

    @Test
    void chanceIsTheMeanOfAllOrders() {
        List<String> queries = new ArrayList<>();
        List<Boolean> labels = new ArrayList<>();
        for (int query = 0; query < 3; query++) {
            for (int i = 0; i < 13; i++) {
                queries.add("q" + query);
                labels.add(i < 1 + query);
            }
        }
        boolean[] relevant = new boolean[labels.size()];
        IntStream.range(0, relevant.length).forEach(i -> relevant[i] = labels.get(i));
        Random random = new Random(1);
        double mean = IntStream.range(0, 20_000).mapToDouble(i -> Ranking.of(
                queries, relevant, random.doubles(relevant.length).toArray()).reciprocalRank()).average().orElseThrow();
        assertThat(Ranking.chance(queries, relevant)).isCloseTo(mean, within(0.005));
        assertThat(Ranking.chance(Collections.nCopies(2, "q"), new boolean[] {true, false})).isEqualTo(0.75);
    }

    @Test
    void refusesWhatDoesNotBelongTogether() {
        assertThatThrownBy(() -> Ranking.of(QUERIES, new boolean[5], new double[6]))
                .isInstanceOf(EvaluationException.class).hasMessage("ranking: got 6 scores and 5 labels for 6 items,"
                        + " allowed: one for each");
    }
}
