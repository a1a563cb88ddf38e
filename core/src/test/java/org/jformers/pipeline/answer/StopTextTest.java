package org.jformers.pipeline.answer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Nothing of a stop text is told, however the text is cut. */
final class StopTextTest {
    private static String told(List<String> stops, String text, Random cuts) {
        StopText stop = new StopText(stops);
        StringBuilder told = new StringBuilder();
        for (int from = 0; from < text.length(); ) {
            int end = Math.min(text.length(), from + 1 + cuts.nextInt(3));
            told.append(stop.take(text.substring(from, end)));
            from = end;
            // What was told is never taken back, so it may have no beginning of a text that stops here.
            assertThat(text).startsWith(told.toString());
        }
        return told.append(stop.rest()).toString();
    }

    @Test
    void endsBeforeTheFirstOne() {
        Random random = new Random(1);
        String letters = "ab\uD83C\uDF0B";
        for (int i = 0; i < 5_000; i++) {
            String text = word(random, letters, 12);
            List<String> stops = new ArrayList<>(List.of(word(random, letters, 3)));
            if (random.nextBoolean()) {
                stops.add(word(random, letters, 2));
            }
            int at = stops.stream().mapToInt(text::indexOf).filter(place -> place >= 0).min().orElse(text.length());
            String told = told(stops, text, random);
            assertThat(told).as("%s in %s", stops, text).hasSizeLessThanOrEqualTo(text.length());
            assertThat(text).startsWith(told);
            // The first that is complete counts: one that begins later may be complete before.
            stops.forEach(stop -> assertThat(told).doesNotContain(stop));
            if (at == text.length()) {
                assertThat(told).isEqualTo(text);
            }
        }
    }

    private static String word(Random random, String letters, int longest) {
        StringBuilder word = new StringBuilder();
        for (int i = 1 + random.nextInt(longest); i > 0; i--) {
            word.append(letters.charAt(random.nextInt(letters.length())));
        }
        return word.toString();
    }

    @Test
    void tellsWhatCannotBeOneAtOnce() {
        StopText stop = new StopText(List.of("END"));
        assertThat(stop.take("a E")).isEqualTo("a ");
        assertThat(stop.take("N")).isEmpty();
        assertThat(stop.take("T")).isEqualTo("ENT");
        assertThat(stop.take(" ENDE")).isEqualTo(" ");
        assertThat(stop.stopped()).isTrue();
        assertThat(stop.take("x")).isEmpty();
        assertThat(stop.rest()).isEmpty();
    }
}
