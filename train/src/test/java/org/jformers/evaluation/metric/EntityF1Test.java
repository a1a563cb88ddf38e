package org.jformers.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jformers.evaluation.EvaluationException;
import org.jformers.evaluation.metric.EntityF1.Entity;
import org.jformers.evaluation.metric.EntityF1.Scheme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /** Tags that end an entity, by seqeval's rules for conlleval: L- is E-, U- is S-. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            B-PER E-PER O S-LOC      | PER 0 1, LOC 3 3
            B-PER O O O              | PER 0 0
            S-LOC S-LOC              | LOC 0 0, LOC 1 1
            E-A E-A I-A E-A          | A 0 0, A 1 1, A 2 3
            S-A I-A E-A I-A          | A 0 0, A 1 2, A 3 3
            O I-A E-A O E-A          | A 1 2, A 4 4
            B-A I-A S-A I-B E-A      | A 0 1, A 2 2, B 3 3, A 4 4
            B-A E-B                  | A 0 0, B 1 1
            """)
    void knowsTagsThatEnd(String tags, String expected) {
        assertThat(Scheme.CONLLEVAL.entities(List.of(tags.split(" ")))).isEqualTo(listed(expected));
        String bilou = tags.replace("E-", "L-").replace("S-", "U-");
        assertThat(Scheme.CONLLEVAL.entities(List.of(bilou.split(" ")))).isEqualTo(listed(expected));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            B-PER E-PER O S-LOC      | PER 0 1, LOC 3 3
            B-PER I-PER I-PER E-PER  | PER 0 3
            B-PER O I-A E-A B-A      | ''
            B-A I-B E-A S-B I-B      | B 3 3
            B-A E-B B-A E-A          | A 2 3
            E-A S-A B-A S-A E-A      | A 1 1, A 3 3
            B-A B-A E-A E-A          | A 1 2
            """)
    void strictEntityNeedsAnEnd(String tags, String expected) {
        assertThat(Scheme.STRICT_IOBES.entities(List.of(tags.split(" ")))).isEqualTo(listed(expected));
        String bilou = tags.replace("E-", "L-").replace("S-", "U-");
        assertThat(Scheme.STRICT_BILOU.entities(List.of(bilou.split(" ")))).isEqualTo(listed(expected));
    }

    @ParameterizedTest
    @CsvSource({"STRICT_IOB2, S-PER", "STRICT_IOBES, U-PER", "STRICT_BILOU, E-PER", "CONLLEVAL, PER", "CONLLEVAL, B",
        "CONLLEVAL, X-PER", "CONLLEVAL, ''"})
    void refusesTagsOfOtherSchemes(Scheme scheme, String tag) {
        assertThatThrownBy(() -> scheme.entities(List.of("O", tag))).isInstanceOf(EvaluationException.class)
                .hasMessageStartingWith("entities: got tag " + tag + ", allowed O and B-, I-")
                .hasMessageEndingWith("- before a type for " + scheme);
    }

    @Test
    void tellsTagsOfASchemeFromOthers() {
        assertThat(Scheme.CONLLEVAL.has(List.of("O", "B-creative-work", "S-X"))).isTrue();
        assertThat(Scheme.CONLLEVAL.has(List.of("O", "NOUN"))).isFalse();
        assertThat(Scheme.STRICT_IOB2.has(List.of("B-X", "S-X"))).isFalse();
    }

    private static List<Entity> listed(String entities) {
        return entities.isEmpty() ? List.of() : Stream.of(entities.split(", ")).map(entity -> entity.split(" "))
                .map(part -> new Entity(part[0], Integer.parseInt(part[1]), Integer.parseInt(part[2])))
                .toList();
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
