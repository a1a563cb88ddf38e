package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.data.Draw;
import org.jformers.objective.TextVectors;
import org.jformers.task.SentenceEmbedding.Mining;
import org.jformers.task.SentenceEmbedding.Mining.Sampling;
import org.jformers.task.SentenceEmbedding.Mining.When;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The texts that sentence-transformers finds are found; tools/golden/make_sentence_fixtures.py says how. */
final class HardNegativesTest {
    private static final JsonNode GOLDEN = read().get("mining");

    private static JsonNode read() {
        try (InputStream in = HardNegativesTest.class.getResourceAsStream("/sentences.json")) {
            return new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int[][] numbers(JsonNode rows) {
        return IntStream.range(0, rows.size())
                .mapToObj(row -> IntStream.range(0, rows.get(row).size()).map(i -> rows.get(row).get(i).intValue())
                        .toArray())
                .toArray(int[][]::new);
    }

    private static TextVectors vectors() {
        JsonNode rows = GOLDEN.get("vectors");
        int width = rows.get(0).size();
        float[] values = new float[rows.size() * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = rows.get(i / width).get(i % width).floatValue();
        }
        return new TextVectors(values, width);
    }

    private static Mining mining(JsonNode settings, Sampling sampling) {
        return new Mining(settings.get("num_negatives").intValue(), When.ONCE, settings.path("range_min").asInt(0),
                settings.has("range_max") ? settings.get("range_max").intValue() : null,
                number(settings, "absolute_margin"), number(settings, "relative_margin"),
                number(settings, "max_score"), sampling);
    }

    private static Double number(JsonNode settings, String name) {
        return settings.has(name) ? settings.get(name).doubleValue() : null;
    }

    static Stream<JsonNode> cases() {
        return GOLDEN.get("cases").valueStream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void findsWhatTheReferenceFinds(JsonNode golden) {
        int[][] rows = numbers(GOLDEN.get("rows"));
        int[][] found = HardNegatives.of(
                vectors(), rows, mining(golden.get("settings"), Sampling.TOP), new Draw(1, 0));
        assertThat(found).isDeepEqualTo(numbers(golden.get("negatives")));
    }

    /** Each time others of those that may be taken, the same for a seed and an epoch. */
    @Test
    void drawsAmongThem() {
        int[][] rows = numbers(GOLDEN.get("rows"));
        JsonNode settings = new JsonMapper().createObjectNode().put("num_negatives", 2).put("range_max", 12);
        Mining random = mining(settings, Sampling.RANDOM);
        int[][] first = HardNegatives.of(vectors(), rows, random, new Draw(1, 0));
        assertThat(HardNegatives.of(vectors(), rows, random, new Draw(1, 0))).isDeepEqualTo(first);
        assertThat(Arrays.deepToString(HardNegatives.of(vectors(), rows, random, new Draw(1, 1))))
                .isNotEqualTo(Arrays.deepToString(first));
        JsonNode all = new JsonMapper().createObjectNode().put("num_negatives", 12).put("range_max", 12);
        int[][] allowed = HardNegatives.of(vectors(), rows, mining(all, Sampling.TOP), new Draw(1, 0));
        for (int row = 0; row < rows.length; row++) {
            assertThat(first[row]).hasSize(2).doesNotHaveDuplicates();
            assertThat(Arrays.stream(allowed[row]).boxed()).containsAll(Arrays.stream(first[row]).boxed().toList());
        }
    }
}
