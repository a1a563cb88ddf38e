package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What the classes of the reference's {@code logits_process.py} make of random scores. */
final class GoldenProcessorTest {
    private static final JsonNode GOLDEN = read();
    private static final int VOCABULARY = 24;

    /** No change of scores of one step, not of families that there are, or refused by name. */
    private static final Set<String> ABSENT = Set.of(
            "LogitsProcessor", "LogitsProcessorList", "SynthIDTextWatermarkState", // no processors
            "WhisperNoSpeechDetection", // leaves scores as they are
            "AlternatingCodebooksLogitsProcessor", "BarkEosPrioritizerLogitsProcessor", // Bark
            "ClassifierFreeGuidanceLogitsProcessor", // MusicGen
            "DiaClassifierFreeGuidanceLogitsProcessor", "DiaEOSChannelFilterLogitsProcessor",
            "DiaEOSDelayPatternLogitsProcessor", // Dia
            "WatermarkLogitsProcessor", "SynthIDTextWatermarkLogitsProcessor"); // watermarking_config

    private static JsonNode read() {
        try (InputStream in = GoldenProcessorTest.class.getResourceAsStream("processors.json")) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void knowsAllClasses() {
        Set<String> known = new TreeSet<>(ABSENT);
        GOLDEN.get("cases").forEach(one -> known.add(one.get("class").asText()));
        assertThat(GOLDEN.get("classes").valueStream().map(JsonNode::asText)).containsExactlyElementsOf(known);
    }

    @TestFactory
    Stream<DynamicTest> changesScoresAsTheReferenceDoes() {
        Map<String, List<JsonNode>> byClass = new LinkedHashMap<>();
        GOLDEN.get("cases").forEach(
                one -> byClass.merge(one.get("class").asText(), List.of(one), GoldenProcessorTest::joined));
        return byClass.entrySet().stream().map(entry -> DynamicTest.dynamicTest(
                entry.getKey(), () -> entry.getValue().forEach(GoldenProcessorTest::check)));
    }

    private static <T> List<T> joined(Collection<T> some, Collection<T> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    private static void check(JsonNode one) {
        JsonNode arguments = one.get("arguments");
        JsonNode matrix = GOLDEN.get("matrices").get(one.get("matrix").asInt());
        long[][] ids = matrix.get("ids").valueStream()
                .map(row -> row.valueStream().mapToLong(JsonNode::asLong).toArray())
                .map(row -> Arrays.copyOf(row, arguments.path("length").asInt(row.length)))
                .toArray(long[][]::new);
        float[] expected = floats(one.get("expected"));
        float[] got = Scopes.get(() -> Tensors.toFloats(processor(one.get("class").asText(), arguments)
                .process(ids, tensor(matrix.get("scores")))));
        for (int i = 0; i < expected.length; i++) {
            boolean same = expected[i] == got[i]
                    || Math.abs(expected[i] - got[i]) <= 2e-6f * Math.max(1, Math.abs(expected[i]));
            assertThat(same).as("%s, place %d: %s, reference %s", one, i, got[i], expected[i]).isTrue();
        }
    }

    private static LogitsProcessor processor(String name, JsonNode a) {
        double value = a.path("value").asDouble();
        int keep = a.path("keep").asInt();
        int size = a.path("size").asInt();
        List<Integer> ends = ints(a.path("eos_token_id"));
        return switch (name) {
            case "MinLengthLogitsProcessor" -> new ForbiddenTokens(ends, 0, a.get("min_length").asInt());
            case "MinNewTokensLengthLogitsProcessor" ->
                    new ForbiddenTokens(ends, 0, a.get("prompt").asInt() + a.get("min_new_tokens").asInt());
            case "TemperatureLogitsWarper" -> new Temperature(value);
            case "RepetitionPenaltyLogitsProcessor" -> new RepetitionPenalty(value);
            case "EncoderRepetitionPenaltyLogitsProcessor" ->
                    new EncoderRepetitionPenalty(value, longs(a.get("source")));
            case "TopPLogitsWarper" -> new TopP(value, keep);
            case "TopKLogitsWarper" -> new TopK(Math.max((int) value, keep));
            case "TopHLogitsWarper" -> new TopH(value);
            case "MinPLogitsWarper" -> new MinP(value, keep);
            case "TypicalLogitsWarper" -> new TypicalP(value, keep);
            case "EpsilonLogitsWarper" -> new EpsilonCutoff(value, keep);
            case "EtaLogitsWarper" -> new EtaCutoff(value, keep);
            case "NoRepeatNGramLogitsProcessor" -> new NoRepeatNgrams(size);
            case "EncoderNoRepeatNGramLogitsProcessor" -> new EncoderNoRepeatNgrams(size, longs(a.get("source")));
            case "SequenceBiasLogitsProcessor" -> new SequenceBias(biases(a.get("biases")));
            case "NoBadWordsLogitsProcessor" -> new BadWords(a.get("words").valueStream()
                    .map(GoldenProcessorTest::ints).toList());
            case "PrefixConstrainedLogitsProcessor" -> new PrefixConstraint(
                    row -> new int[] {next(row, 1, 1), next(row, 5, 7)}, a.get("beams").asInt());
            case "ForcedBOSTokenLogitsProcessor" -> new ForcedTokens(List.of(a.get("token").asInt()), 1);
            case "ForcedEOSTokenLogitsProcessor" -> new ForcedTokens(ends, a.get("max_length").asInt() - 1);
            case "InfNanRemoveLogitsProcessor" -> Plan.NUMBERS;
            case "ExponentialDecayLengthPenalty" -> new GrowingEndScores(
                    a.get("prompt").asInt() + a.get("after").asInt(), a.get("factor").asDouble(), ends);
            case "LogitNormalization" -> Plan.NORMALIZED;
            case "SuppressTokensAtBeginLogitsProcessor" -> new ForbiddenTokens(
                    ints(a.get("tokens")), a.get("begin").asInt(), a.get("begin").asInt() + 1);
            case "SuppressTokensLogitsProcessor" -> ForbiddenTokens.always(ints(a.get("tokens")));
            case "WhisperTimeStampLogitsProcessor" -> new TimeTokens(
                    a.get("begin").asInt(), a.get("end").asInt(), a.get("first").asInt(),
                    a.get("latest").isNull() ? OptionalInt.empty() : OptionalInt.of(a.get("latest").asInt()));
            case "UnbatchedClassifierFreeGuidanceLogitsProcessor" -> (ids_BS, scores_BV) ->
                    new Guidance(a.get("scale").asDouble(), Optional.empty())
                            .guided(Tensors.cat(0, scores_BV, tensor(GOLDEN.get("other"))));
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static int next(long[] row, int factor, int more) {
        return (int) ((row[row.length - 1] * factor + more) % VOCABULARY);
    }

    private static Tensor tensor(JsonNode rows) {
        return Tensors.ofFloats(floats(rows), rows.size(), VOCABULARY);
    }

    private static float[] floats(JsonNode rows) {
        float[] all = new float[rows.size() * VOCABULARY];
        for (int i = 0; i < all.length; i++) {
            String text = rows.get(i / VOCABULARY).get(i % VOCABULARY).asText();
            all[i] = switch (text) {
                case "inf" -> Float.POSITIVE_INFINITY;
                case "-inf" -> Float.NEGATIVE_INFINITY;
                case "nan" -> Float.NaN;
                default -> Float.parseFloat(text);
            };
        }
        return all;
    }

    private static List<Integer> ints(JsonNode list) {
        return list.valueStream().map(JsonNode::asInt).toList();
    }

    private static long[][] longs(JsonNode rows) {
        return rows.valueStream()
                .map(row -> row.valueStream().mapToLong(JsonNode::asLong).toArray())
                .toArray(long[][]::new);
    }

    private static Map<List<Integer>, Double> biases(JsonNode pairs) {
        Map<List<Integer>, Double> biases = new LinkedHashMap<>();
        pairs.forEach(pair -> biases.put(ints(pair.get(0)), pair.get(1).asDouble()));
        return biases;
    }
}
