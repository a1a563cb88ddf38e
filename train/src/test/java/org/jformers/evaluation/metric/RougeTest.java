package org.jformers.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** ROUGE against torchmetrics. */
final class RougeTest {
    private static final MetricFixture FIXTURE = MetricFixture.read("rouge.json");

    @Test
    void reproducesEachSummaryAndTheirMean() {
        List<Segment> segments = new ArrayList<>();
        for (JsonNode row : FIXTURE.get("rows")) {
            Segment segment = Segment.of(row.get("prediction").asText(), row.get("reference").asText());
            check(Rouge.of(List.of(segment)), row);
            segments.add(segment);
        }
        check(Rouge.of(segments), FIXTURE.get("mean"));
        assertThat(Rouge.of(segments)).hasToString("ROUGE-1 = 70.76 ROUGE-2 = 36.73 ROUGE-L = 66.68");
    }

    @Test
    void bestReferenceCountsForEachMeasure() {
        Rouge rouge = Rouge.of(List.of(Segment.of("a b c d", "d c b a", "a b x y z")));
        assertThat(rouge.unigrams().f1()).isEqualTo(1);
        assertThat(rouge.bigrams()).isEqualTo(PrecisionRecall.of(1, 3, 4));
        assertThat(rouge.longestCommonSubsequence()).isEqualTo(PrecisionRecall.of(2, 4, 5));
    }

    private static void check(Rouge rouge, JsonNode golden) {
        check(rouge.unigrams(), golden, "rouge1");
        check(rouge.bigrams(), golden, "rouge2");
        check(rouge.longestCommonSubsequence(), golden, "rougeL");
    }

    private static void check(PrecisionRecall figures, JsonNode golden, String name) {
        assertThat(figures.precision()).isCloseTo(golden.get(name + "_precision").asDouble(), FIXTURE.tolerance());
        assertThat(figures.recall()).isCloseTo(golden.get(name + "_recall").asDouble(), FIXTURE.tolerance());
        assertThat(figures.f1()).isCloseTo(golden.get(name + "_fmeasure").asDouble(), FIXTURE.tolerance());
    }
}
