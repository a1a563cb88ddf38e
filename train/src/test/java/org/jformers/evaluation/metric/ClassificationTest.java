package org.jformers.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;
import org.jformers.evaluation.EvaluationException;
import org.junit.jupiter.api.Test;

/** Classification figures against scikit-learn, correlations against SciPy. */
final class ClassificationTest {
    private static final MetricFixture FIXTURE = MetricFixture.read("classification.json");

    @Test
    void reproducesClassifications() {
        for (JsonNode golden : FIXTURE.get("classes")) {
            Classification figures =
                    Classification.of(MetricFixture.ints(golden.get("true")), MetricFixture.ints(golden.get("pred")));
            equal(golden, "accuracy", figures.accuracy());
            equal(golden, "matthews", figures.matthews());
            equal(golden, "balanced_accuracy", figures.balancedAccuracy());
            equal(golden, "cohen_kappa", figures.cohenKappa());
            for (Average average : Average.values()) {
                equal(golden.get(average.name().toLowerCase(Locale.ROOT)), figures.average(average));
            }
            if (golden.has("binary")) {
                equal(golden.get("binary"), figures.of(1));
            }
        }
    }

    @Test
    void reproducesConfusionWithLabelsThatAreOnlyTrueOrOnlyPredicted() {
        for (JsonNode golden : FIXTURE.get("classes")) {
            Classification figures =
                    Classification.of(MetricFixture.ints(golden.get("true")), MetricFixture.ints(golden.get("pred")));
            assertThat(figures.confusion())
                    .isEqualTo(StreamSupport.stream(golden.get("confusion").spliterator(), false)
                            .map(row -> MetricFixture.doubles(row).stream().map(Double::longValue).toList())
                            .toList());
        }
    }

    @Test
    void reproducesCorrelations() {
        for (JsonNode golden : FIXTURE.get("correlation")) {
            Correlation correlation = Correlation.of(doubles(golden.get("x")), doubles(golden.get("y")));
            equal(golden, "pearson", correlation.pearson());
            equal(golden, "spearman", correlation.spearman());
            equal(golden, "mse", correlation.meanSquaredError());
            equal(golden, "mae", correlation.meanAbsoluteError());
        }
    }

    @Test
    void correlationWithAConstantIsUndefined() {
        Correlation correlation = Correlation.of(new double[] {1, 2, 3}, new double[] {2, 2, 2});
        assertThat(correlation.pearson()).isNaN();
        assertThat(correlation).hasToString("pearson = nan spearman = nan mse = 0.6667 mae = 0.6667 (n = 3)");
    }

    @Test
    void correlationWithWhatIsNoNumberIsUndefined() {
        Correlation correlation = Correlation.of(new double[] {1, 2, 3}, new double[] {1, Double.NaN, 3});
        assertThat(correlation.pearson()).isNaN();
        assertThat(correlation.spearman()).isNaN();
        assertThat(correlation.meanAbsoluteError()).isNaN();
    }

    @Test
    void reproducesSetsOfLabels() {
        for (JsonNode golden : FIXTURE.get("multi_label")) {
            MultiLabelClassification figures = MultiLabelClassification.of(
                    sets(golden.get("true")), sets(golden.get("pred")), golden.get("classes").asInt());
            equal(golden, "subset_accuracy", figures.subsetAccuracy());
            equal(golden, "hamming_loss", figures.hammingLoss());
            for (Average average : Average.values()) {
                equal(golden.get(average.name().toLowerCase(Locale.ROOT)), figures.average(average));
            }
            for (int label = 0; label < figures.labels().size(); label++) {
                equal(golden.get("labels").get(label), figures.labels().get(label));
                equal(golden.get("labels").get(label), "support", figures.labels().get(label).support());
            }
        }
    }

    @Test
    void printsSetsOfLabelsAndRefusesUnequalOnes() {
        assertThat(MultiLabelClassification.of(new int[][] {{0}, {0, 1}}, new int[][] {{0}, {1}}, 2))
                .hasToString("micro_f1 = 0.8000 macro_f1 = 0.8333 subset_accuracy = 0.5000 (n = 2)");
        assertThatThrownBy(() -> MultiLabelClassification.of(new int[1][0], new int[2][0], 2))
                .isInstanceOf(EvaluationException.class)
                .hasMessage("multi-label classification: 2 predictions for 1 true sets of labels, allowed: as many of"
                        + " each, one or more");
    }

    @Test
    void confusionHasLabelsThatDoNotOccur() {
        Classification figures = Classification.of(new int[] {0, 3, 3}, new int[] {0, 0, 3});

        assertThat(figures.confusion(4)).containsExactly(
                List.of(1L, 0L, 0L, 0L), List.of(0L, 0L, 0L, 0L), List.of(0L, 0L, 0L, 0L), List.of(1L, 0L, 0L, 1L));
    }

    @Test
    void printsOneLine() {
        Classification figures = Classification.of(new int[] {0, 0, 1, 1}, new int[] {0, 1, 1, 1});
        assertThat(figures)
                .hasToString("accuracy = 0.7500 macro_f1 = 0.7333 matthews = 0.5774 kappa = 0.5000 (n = 4)");
        assertThat(figures.of(1)).hasToString("precision = 66.67 recall = 100.00 f1 = 80.00 (support = 2)");
    }

    @Test
    void rejectsUnequalOrEmptyInput() {
        assertThatThrownBy(() -> Classification.of(new int[] {1}, new int[] {}))
                .isInstanceOf(EvaluationException.class)
                .hasMessage("classification: 0 predictions for 1 true labels, allowed: as many of each, one or more");
        assertThatThrownBy(() -> Correlation.of(new double[] {1}, new double[] {1}))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("two or more");
    }

    private static double[] doubles(JsonNode array) {
        return MetricFixture.doubles(array).stream().mapToDouble(Double::doubleValue).toArray();
    }

    private static int[][] sets(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(MetricFixture::ints).toArray(int[][]::new);
    }

    private static void equal(JsonNode golden, PrecisionRecall figures) {
        equal(golden, "precision", figures.precision());
        equal(golden, "recall", figures.recall());
        equal(golden, "f1", figures.f1());
    }

    private static void equal(JsonNode golden, String field, double value) {
        if (golden.get(field).isNull()) {
            assertThat(value).as("%s of %s", field, golden).isNaN();
        } else {
            assertThat(value)
                    .as("%s of %s", field, golden)
                    .isCloseTo(golden.get(field).asDouble(), FIXTURE.tolerance());
        }
    }
}
