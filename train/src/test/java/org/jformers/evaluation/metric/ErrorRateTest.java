package org.jformers.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jformers.evaluation.EvaluationException;
import org.junit.jupiter.api.Test;

/** Edit distance and the rates made of it; words and characters against torchmetrics. */
final class ErrorRateTest {
    private static final MetricFixture FIXTURE = MetricFixture.read("rouge.json");

    @Test
    void reproducesWordAndCharacterErrorRates() {
        List<String> predictions = new ArrayList<>();
        List<String> references = new ArrayList<>();
        for (JsonNode row : FIXTURE.get("rows")) {
            List<String> prediction = List.of(row.get("prediction").asText());
            List<String> reference = List.of(row.get("reference").asText());
            assertThat(ErrorRate.words(prediction, reference).rate())
                    .isCloseTo(row.get("wer").asDouble(), FIXTURE.tolerance());
            assertThat(ErrorRate.characters(prediction, reference).rate())
                    .isCloseTo(row.get("cer").asDouble(), FIXTURE.tolerance());
            predictions.addAll(prediction);
            references.addAll(reference);
        }
        assertThat(ErrorRate.words(predictions, references).rate())
                .isCloseTo(FIXTURE.get("wer").asDouble(), FIXTURE.tolerance());
        assertThat(ErrorRate.characters(predictions, references).rate())
                .isCloseTo(FIXTURE.get("cer").asDouble(), FIXTURE.tolerance());
    }

    @Test
    void countsTotalsNotMeans() {
        List<String> right = List.of("b", "c", "d");
        ErrorRate rate = ErrorRate.of(List.of(List.of("a"), right), List.of(List.of("x"), right));
        assertThat(rate).isEqualTo(new ErrorRate(1, 4));
        assertThat(rate).hasToString("25.00 % (1 / 4)");
    }

    @Test
    void countsACharacterOutsideTheBasicPlaneOnce() {
        assertThat(ErrorRate.characters(List.of("a😀"), List.of("a😃b"))).isEqualTo(new ErrorRate(2, 3));
    }

    @Test
    void distanceIsTheLeastOverAllWaysToEdit() {
        Random random = new Random(1);
        for (int trial = 0; trial < 300; trial++) {
            int[] one = random.ints(random.nextInt(7), 0, 3).toArray();
            int[] other = random.ints(random.nextInt(7), 0, 3).toArray();
            assertThat(EditDistance.between(one, other)).isEqualTo(leastEdits(one, other, 0, 0));
        }
    }

    @Test
    void closestPronunciationCounts() {
        PronunciationScore score = PronunciationScore.of(
                List.of(List.of("r", "e", "d"), List.of("t", "u")),
                List.of(
                        List.of(List.of("r", "i:", "d"), List.of("r", "e", "d")),
                        List.of(List.of("t", "u:", "z"), List.of("t", "u:"))));
        assertThat(score.phonemes()).isEqualTo(new ErrorRate(1, 5));
        assertThat(score.wordErrorRate()).isEqualTo(0.5);
        assertThat(score).hasToString("PER = 20.00 % (1 / 5) WER = 50.00 % (1 / 2)");
    }

    @Test
    void rejectsUnequalLists() {
        assertThatThrownBy(() -> ErrorRate.words(List.of("a"), List.of()))
                .isInstanceOf(EvaluationException.class)
                .hasMessage("error rate: 1 predictions for 0 references, allowed: as many of each");
        assertThatThrownBy(() -> PronunciationScore.of(List.of(List.of("a")), List.of(List.of())))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("none accepted");
    }

    private static int leastEdits(int[] one, int[] other, int i, int j) {
        if (i == one.length || j == other.length) {
            return one.length - i + other.length - j;
        }
        int substituted = (one[i] == other[j] ? 0 : 1) + leastEdits(one, other, i + 1, j + 1);
        int inOne = 1 + leastEdits(one, other, i + 1, j);
        return Math.min(substituted, Math.min(inOne, 1 + leastEdits(one, other, i, j + 1)));
    }
}
