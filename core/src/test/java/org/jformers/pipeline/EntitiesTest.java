package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class EntitiesTest {
    private static final List<String> LABELS = List.of("O", "B-PER", "I-PER", "B-A-B", "PLACE");

    private final Entities entities = new Entities(LABELS, words -> String.join("", words).replace("##", ""));

    /** Tokens of one character each with a label and its score; a word begins where the text has no ##. */
    private static List<TokenScores> tokens(String... wordLabelScore) {
        List<TokenScores> tokens = new ArrayList<>();
        for (String each : wordLabelScore) {
            String[] parts = each.split(" ");
            float[] scores = new float[LABELS.size()];
            scores[LABELS.indexOf(parts[1])] = Float.parseFloat(parts[2]);
            int place = tokens.size();
            tokens.add(new TokenScores(parts[0], scores, place, OptionalInt.of(place), OptionalInt.of(place + 1),
                    parts[0].startsWith("##")));
        }
        return tokens;
    }

    private List<String> found(Aggregation aggregation, String... tokens) {
        return entities.of(tokens(tokens), aggregation).stream()
                .map(entity -> entity.label() + " " + entity.word() + " " + entity.start().getAsInt() + "-"
                        + entity.end().getAsInt() + " " + Math.round(entity.score() * 1000))
                .toList();
    }

    @Test
    void tokensStandByThemselves() {
        List<Entity> found = entities.of(tokens("a O 0.9", "##b B-PER 0.5"), Aggregation.NONE);
        assertThat(found).extracting(Entity::index).containsExactly(OptionalInt.of(0), OptionalInt.of(1));
        assertThat(found).extracting(Entity::label).containsExactly("O", "B-PER");
        assertThat(found.get(1).score()).isCloseTo(0.5, within(1e-9));
    }

    @Test
    void neighboursOfOneKindAreOneAndBeginsAreNew() {
        assertThat(found(Aggregation.SIMPLE,
                        "a B-PER 0.8", "b I-PER 0.6", "c B-PER 0.5", "d O 1", "e O 0.5", "f PLACE 0.7", "g PLACE 0.9"))
                .containsExactly("PER ab 0-2 700", "PER c 2-3 500", "O de 3-5 750", "PLACE fg 5-7 800");
    }

    @Test
    void whatStandsBehindTheFirstHyphenIsTheLabel() {
        assertThat(found(Aggregation.SIMPLE, "a B-A-B 0.8")).containsExactly("A-B a 0-1 800");
    }

    @Test
    void theTokensOfAWordGetOneLabel() {
        String[] tokens = {"a B-PER 0.5", "##b PLACE 0.6", "##c PLACE 0.7", "d O 0.9"};
        assertThat(found(Aggregation.SIMPLE, tokens))
                .containsExactly("PER a 0-1 500", "PLACE bc 1-3 650", "O d 3-4 900");
        assertThat(found(Aggregation.FIRST, tokens)).containsExactly("PER abc 0-3 500", "O d 3-4 900");
        assertThat(found(Aggregation.AVERAGE, tokens)).containsExactly("PLACE abc 0-3 433", "O d 3-4 900");
        assertThat(found(Aggregation.MAX, tokens)).containsExactly("PLACE abc 0-3 700", "O d 3-4 900");
    }

    @Test
    void aTextMayBeginInsideAWord() {
        assertThat(found(Aggregation.FIRST, "##a B-PER 0.5", "##b O 0.6")).containsExactly("PER ab 0-2 500");
        assertThat(entities.of(List.of(), Aggregation.MAX)).isEmpty();
    }

    private static Entity entity(String label, double score, int start, int end) {
        return new Entity(label, score, OptionalInt.empty(), "", OptionalInt.of(start), OptionalInt.of(end));
    }

    @Test
    void ofOverlappingEntitiesTheLongestThenTheSurestStays() {
        assertThat(Entities.withoutOverlaps(List.of(
                        entity("late", 0.9, 20, 22), entity("a", 0.9, 0, 3), entity("longer", 0.1, 1, 6),
                        entity("shorter", 0.9, 5, 7), entity("next", 0.4, 6, 8), entity("surer", 0.5, 6, 8))))
                .extracting(Entity::label).containsExactly("longer", "surer", "late");
        assertThat(Entities.withoutOverlaps(List.of())).isEmpty();
    }
}
