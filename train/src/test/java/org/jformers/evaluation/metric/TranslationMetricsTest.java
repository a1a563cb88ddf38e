package org.jformers.evaluation.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jformers.evaluation.EvaluationException;
import org.junit.jupiter.api.Test;

/** BLEU, chrF and TER against sacreBLEU. */
final class TranslationMetricsTest {
    private static final MetricFixture FIXTURE = MetricFixture.read("translation.json");
    private static final MetricFixture EDGES = MetricFixture.read("translation-edges.json");

    @Test
    void reproducesCorpusScores() {
        List<String> hypotheses = MetricFixture.strings(FIXTURE.get("hypotheses"));
        List<String> first = MetricFixture.strings(FIXTURE.get("references").get(0));
        List<String> second = MetricFixture.strings(FIXTURE.get("references").get(1));
        for (JsonNode golden : FIXTURE.get("corpus")) {
            check(golden, golden.get("references").asInt() == 1
                    ? Segment.zip(hypotheses, first)
                    : Segment.zip(hypotheses, first, second));
        }
    }

    @Test
    void reproducesEdgesOfTokensSmoothingAndShifts() {
        for (JsonNode golden : EDGES.get("cases")) {
            List<Segment> segments = StreamSupport.stream(golden.get("segments").spliterator(), false)
                    .map(TranslationMetricsTest::segment)
                    .toList();
            String line = check(golden, segments);
            assertThat(line).isEqualTo(own(golden.get("text").asText()));
        }
    }

    @Test
    void reproducesSentenceScores() {
        Bleu effective = Bleu.standard().withEffectiveOrder();
        Bleu addOne = Bleu.standard().withSmoothing(Smoothing.addK(1));
        for (JsonNode golden : FIXTURE.get("sentences")) {
            Segment all = segment(golden);
            Segment one = Segment.of(all.hypothesis(), all.references().get(0));
            equal(golden, "bleu_effective_order", effective.sentence(all).score());
            equal(golden, "bleu_one_reference", effective.sentence(one).score());
            equal(golden, "bleu_add_one", addOne.sentence(one).score());
            equal(golden, "chrf", Chrf.standard().sentence(all).score());
            equal(golden, "chrf++", Chrf.plusPlus().sentence(one).score());
            equal(golden, "ter", Ter.standard().sentence(one).score());
        }
    }

    @Test
    void signatureNamesTheVersionOfTheBuild() throws Exception {
        assertThat(Files.readString(Path.of("pom.xml")))
                .contains("<version>" + Signature.VERSION.substring("jformers-".length()) + "</version>");
    }

    @Test
    void doesNotDependOnTheOrderOfSegments() {
        List<Segment> there = List.of(Segment.of("a b c d", "a b c d"), Segment.of("e f g h i", "e f x"));
        List<Segment> back = List.of(there.get(1), there.get(0));
        assertThat(Bleu.standard().corpus(there)).isEqualTo(Bleu.standard().corpus(back));
    }

    @Test
    void rejectsNothingToScore() {
        assertThatThrownBy(() -> Bleu.standard().corpus(List.of()))
                .isInstanceOf(EvaluationException.class)
                .hasMessage("BLEU: no segments, allowed: one or more");
        assertThatThrownBy(() -> Segment.zip(List.of("a", "b"), List.of("a")))
                .isInstanceOf(EvaluationException.class)
                .hasMessage("segments: 1 references for 2 hypotheses, allowed: as many of each");
        assertThatThrownBy(() -> Segment.of("a"))
                .isInstanceOf(EvaluationException.class)
                .hasMessageContaining("no reference");
    }

    private static String check(JsonNode golden, List<Segment> segments) {
        JsonNode arguments = golden.get("arguments");
        String metric = golden.get("metric").asText();
        if (metric.equals("bleu")) {
            Bleu.Score score = bleu(arguments).corpus(segments);
            verify(golden, score.score(), score.signature());
            if (golden.has("counts")) {
                assertThat(score.matches()).isEqualTo(MetricFixture.doubles(golden.get("counts")));
                assertThat(score.totals()).isEqualTo(MetricFixture.doubles(golden.get("totals")));
                for (int n = 0; n < score.precisions().size(); n++) {
                    assertThat(score.precisions().get(n))
                            .isCloseTo(golden.get("precisions").get(n).asDouble(), FIXTURE.tolerance());
                }
                equal(golden, "bp", score.brevityPenalty());
                equal(golden, "sys_len", score.length());
                equal(golden, "ref_len", score.referenceLength());
            }
            return score.toString();
        }
        if (metric.equals("chrf")) {
            Chrf.Score score = chrf(arguments).corpus(segments);
            verify(golden, score.score(), score.signature());
            return score.toString();
        }
        Ter.Score score = ter(arguments).corpus(segments);
        verify(golden, score.score(), score.signature());
        return score.toString();
    }

    private static void verify(JsonNode golden, double score, String signature) {
        equal(golden, "score", score);
        assertThat(signature).isEqualTo(own(golden.get("signature").asText()));
    }

    private static String own(String referenceText) {
        return referenceText.replace("version:2.6.0", "version:" + Signature.VERSION);
    }

    private static void equal(JsonNode golden, String field, double value) {
        assertThat(value).as("%s of %s", field, golden).isCloseTo(golden.get(field).asDouble(), FIXTURE.tolerance());
    }

    private static Segment segment(JsonNode golden) {
        return new Segment(golden.get("hypothesis").asText(), MetricFixture.strings(golden.get("references")));
    }

    private static Bleu bleu(JsonNode arguments) {
        String tokens = arguments.path("tokenize").asText("13a");
        BleuTokenizer tokenizer = Arrays.stream(BleuTokenizer.values())
                .filter(each -> each.tag().equals(tokens))
                .findFirst()
                .orElseThrow();
        double value = arguments.path("smooth_value").asDouble();
        String method = arguments.path("smooth_method").asText("exp");
        Smoothing smoothing = switch (method) {
            case "none" -> Smoothing.NONE;
            case "floor" -> Smoothing.floor(value == 0 ? 0.1 : value);
            case "add-k" -> Smoothing.addK(value == 0 ? 1 : value);
            default -> Smoothing.EXPONENTIAL;
        };
        Bleu bleu = Bleu.standard()
                .withTokenizer(tokenizer)
                .withSmoothing(smoothing)
                .withCasing(casing(arguments))
                .withMaxOrder(arguments.path("max_ngram_order").asInt(4));
        return arguments.path("effective_order").asBoolean() ? bleu.withEffectiveOrder() : bleu;
    }

    private static Chrf chrf(JsonNode arguments) {
        return new Chrf(
                arguments.path("char_order").asInt(6),
                arguments.path("word_order").asInt(0),
                arguments.path("beta").asInt(2),
                casing(arguments),
                arguments.path("whitespace").asBoolean());
    }

    private static Casing casing(JsonNode arguments) {
        return arguments.path("lowercase").asBoolean() ? Casing.LOWER : Casing.MIXED;
    }

    private static Ter ter(JsonNode arguments) {
        EnumSet<Ter.Option> options = EnumSet.noneOf(Ter.Option.class);
        for (Ter.Option option : Ter.Option.values()) {
            String argument = switch (option) {
                case CASE_SENSITIVE -> "case_sensitive";
                case NORMALIZED -> "normalized";
                case NO_PUNCTUATION -> "no_punct";
                case ASIAN -> "asian_support";
            };
            if (arguments.path(argument).asBoolean()) {
                options.add(option);
            }
        }
        return new Ter(options);
    }
}
