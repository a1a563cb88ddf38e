package org.jformers.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jformers.evaluation.EvaluationException;
import org.jformers.evaluation.metric.EntityF1.Entity;
import org.jformers.evaluation.metric.EntityF1.Scheme;
import org.junit.jupiter.api.Test;

/** Entities and their scores by the rules of conlleval and of IOB2. */
final class EntityF1Test {
    private static final MetricFixture FIXTURE = MetricFixture.read("entities.json");

    @Test
    void findsTheEntitiesOfConlleval() {
        for (JsonNode sentence : FIXTURE.get("sentences")) {
            for (String side : List.of("true", "pred")) {
                assertThat(Scheme.CONLLEVAL.entities(MetricFixture.strings(sentence.get(side))))
                        .isEqualTo(entities(sentence.get("entities_" + side)));
            }
        }
    }

    @Test
    void reproducesScores() {
        check(Scheme.CONLLEVAL, FIXTURE.get("conlleval"));
        check(Scheme.STRICT_IOB2, FIXTURE.get("strict_iob2"));
    }

    @Test
    void strictEntityNeedsABeginning() {
        List<String> tags = List.of("I-PER", "B-PER", "I-LOC", "I-PER", "B-LOC", "I-LOC");
        assertThat(Scheme.STRICT_IOB2.entities(tags)).containsExactly(new Entity("PER", 1, 1), new Entity("LOC", 4, 5));
        assertThat(Scheme.CONLLEVAL.entities(tags))
                .containsExactly(
                        new Entity("PER", 0, 0),
                        new Entity("PER", 1, 1),
                        new Entity("LOC", 2, 2),
                        new Entity("PER", 3, 3),
                        new Entity("LOC", 4, 5));
    }

    @Test
    void printsConllevalsLine() {
        assertThat(score(Scheme.CONLLEVAL))
                .hasToString("accuracy:  75.86%; precision:  41.67%; recall:  45.45%; FB1:  43.48");
    }

    @Test
    void rejectsUnequalSentences() {
        assertThatThrownBy(() -> EntityF1.of(
                        List.of(List.of("O", "O")), List.of(List.of("O")), Scheme.CONLLEVAL))
                .isInstanceOf(EvaluationException.class)
                .hasMessage("entities: 1 predicted tags of sentence 0 for 2 true ones, allowed: as many of each");
    }

    private static EntityF1 score(Scheme scheme) {
        List<List<String>> truth = new ArrayList<>();
        List<List<String>> predicted = new ArrayList<>();
        for (JsonNode sentence : FIXTURE.get("sentences")) {
            truth.add(MetricFixture.strings(sentence.get("true")));
            predicted.add(MetricFixture.strings(sentence.get("pred")));
        }
        return EntityF1.of(truth, predicted, scheme);
    }

    private static void check(Scheme scheme, JsonNode golden) {
        EntityF1 score = score(scheme);
        equal(score.all(), golden.get("micro"));
        assertThat(score.types().keySet()).containsExactlyElementsOf(() -> golden.get("per_type").fieldNames());
        score.types().forEach((type, figures) -> equal(figures, golden.get("per_type").get(type)));
        assertThat(score.macroF1()).isCloseTo(golden.get("macro_f1").asDouble(), FIXTURE.tolerance());
        assertThat(score.tokenAccuracy()).isCloseTo(golden.get("token_accuracy").asDouble(), FIXTURE.tolerance());
    }

    private static void equal(PrecisionRecall figures, JsonNode golden) {
        assertThat(figures.precision()).isCloseTo(golden.get("precision").asDouble(), FIXTURE.tolerance());
        assertThat(figures.recall()).isCloseTo(golden.get("recall").asDouble(), FIXTURE.tolerance());
        assertThat(figures.f1()).isCloseTo(golden.get("f1").asDouble(), FIXTURE.tolerance());
        assertThat(figures.support()).isEqualTo(golden.get("support").asLong());
    }

    private static List<Entity> entities(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(node -> new Entity(node.get(0).asText(), node.get(1).asInt(), node.get(2).asInt()))
                .toList();
    }
}
