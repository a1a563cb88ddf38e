package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.pipeline.AnswerWindow;
import org.jformers.pipeline.AnswerWindow.Span;
import org.jformers.pipeline.QuestionWindows;
import org.jformers.pipeline.SpanSearch;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;

/** Windows of contexts are those of transformers' tokenizers, and the answers found in them those of its scripts. */
final class AnswerGoldenTest {
    private static final JsonNode GOLDEN = read();
    private static final Map<String, Tokenizer> TOKENIZERS =
            Map.of("right", tokenizer("right"), "left", tokenizer("left"));

    private static JsonNode read() {
        try (InputStream in = AnswerGoldenTest.class.getResourceAsStream("/answers/windows.json")) {
            return new JsonMapper().readTree(in);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Tokenizer tokenizer(String name) {
        try {
            return AutoTokenizer.load(Path.of(AnswerGoldenTest.class.getResource("/rows/" + name).toURI()));
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<AnswerWindow> windows(JsonNode entry) {
        return new QuestionWindows(TOKENIZERS.get(entry.get("tokenizer").textValue()),
                entry.get("max_length").intValue(), entry.get("stride").intValue())
                .of(entry.get("question").textValue().stripLeading(), entry.get("context").textValue());
    }

    private static int[] ints(JsonNode list) {
        return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
    }

    private static float[] floats(JsonNode list) {
        float[] values = new float[list.size()];
        IntStream.range(0, values.length).forEach(i -> values[i] = list.get(i).floatValue());
        return values;
    }

    private static String name(JsonNode entry) {
        return entry.get("tokenizer") + " " + entry.get("max_length") + " " + entry.get("stride") + " "
                + entry.get("question") + " " + entry.get("context");
    }

    @Test
    void cutsContextsAsTheReferenceDoes() {
        int several = 0;
        for (JsonNode entry : GOLDEN) {
            List<AnswerWindow> windows = windows(entry);
            assertThat(windows).as(name(entry)).hasSameSizeAs(entry.get("windows"));
            several += windows.size() > 2 ? 1 : 0;
            for (int i = 0; i < windows.size(); i++) {
                AnswerWindow window = windows.get(i);
                JsonNode expected = entry.get("windows").get(i);
                assertThat(window.row().ids()).as(name(entry)).isEqualTo(ints(expected.get("ids")));
                assertThat(window.row().typeIds()).as(name(entry)).isEqualTo(ints(expected.get("types")));
                assertThat(List.of(window.from(), window.to(), window.none())).as(name(entry)).isEqualTo(List.of(
                        expected.get("from").intValue(), expected.get("to").intValue(),
                        expected.get("none").intValue()));
                assertThat(offsets(window)).as(name(entry)).isEqualTo(ints(expected.get("offsets")));
            }
        }
        assertThat(several).isGreaterThan(20);
    }

    private static int[] offsets(AnswerWindow window) {
        return IntStream.range(window.from(), window.to())
                .flatMap(i -> IntStream.of(window.row().starts()[i], window.row().ends()[i])).toArray();
    }

    @Test
    void findsTheTokensOfAnswers() {
        int found = 0;
        for (JsonNode entry : GOLDEN) {
            List<AnswerWindow> windows = windows(entry);
            for (JsonNode answer : entry.get("answers")) {
                int start = answer.get("start").intValue();
                String text = answer.get("text").textValue();
                for (int i = 0; i < windows.size(); i++) {
                    JsonNode place = answer.get("places").get(i);
                    Optional<Span> expected = place.isNull()
                            ? Optional.empty()
                            : Optional.of(new Span(place.get(0).intValue(), place.get(1).intValue()));
                    assertThat(windows.get(i).find(start, start + text.codePointCount(0, text.length())))
                            .as(name(entry)).isEqualTo(expected);
                    found += expected.isPresent() ? 1 : 0;
                }
            }
        }
        assertThat(found).isGreaterThan(50);
    }

    @Test
    void findsTheAnswersOfTheReference() {
        int none = 0;
        int some = 0;
        for (JsonNode entry : GOLDEN) {
            List<AnswerWindow> windows = windows(entry);
            JsonNode searched = entry.path("search");
            List<float[]> starts = new ArrayList<>();
            List<float[]> ends = new ArrayList<>();
            searched.path("starts").forEach(row -> starts.add(floats(row)));
            searched.path("ends").forEach(row -> ends.add(floats(row)));
            for (JsonNode expected : searched.path("answers")) {
                boolean mayBeNone = expected.get("may_be_none").booleanValue();
                SpanSearch search = new SpanSearch(expected.get("best").intValue(), expected.get("longest").intValue());
                SpanSearch.Found found = search.search(
                        entry.get("context").textValue(), windows, starts, ends, mayBeNone);
                String as = name(entry) + " " + expected;
                boolean saysNone = mayBeNone && found.noneAbove() > expected.get("threshold").doubleValue();
                assertThat(saysNone ? "" : found.answer()).as(as).isEqualTo(expected.get("answer").textValue());
                if (expected.get("best_answer").textValue().equals("empty")) {
                    continue; // what the scripts write where no stretch is among the best
                }
                assertThat(found.answer()).as(as).isEqualTo(expected.get("best_answer").textValue());
                assertThat(found.probability()).as(as).isCloseTo(
                        expected.get("probability").doubleValue(), within(1e-6));
                if (mayBeNone) {
                    assertThat(found.noneAbove()).as(as).isCloseTo(
                            expected.get("none_above").doubleValue(), within(1e-5));
                }
                none += saysNone ? 1 : 0;
                some += saysNone ? 0 : 1;
            }
        }
        assertThat(none).isGreaterThan(5);
        assertThat(some).isGreaterThan(50);
    }

    /** Where a window holds no more than the overlap, the overlap is half of it. */
    @Test
    void goesOnWithAnyStride() {
        Tokenizer tokenizer = TOKENIZERS.get("right");
        List<AnswerWindow> windows = new QuestionWindows(tokenizer, 8, 128).of("fox", "the old dog runs under a tree");
        assertThat(windows.get(0).to() - windows.get(0).from()).isEqualTo(4);
        assertThat(windows.get(1).row().starts()[windows.get(1).from()])
                .isEqualTo(windows.get(0).row().starts()[windows.get(0).from() + 2]);
        assertThat(new QuestionWindows(tokenizer, 6, 0).of("the old fox", "a dog")).isEmpty();
        assertThat(Arrays.stream(new int[] {7, 64}).mapToObj(length ->
                new QuestionWindows(tokenizer, length, 0).of("the old fox", "a dog").size())).containsExactly(2, 1);
    }
}
