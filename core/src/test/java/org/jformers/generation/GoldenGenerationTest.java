package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.auto.AutoModel;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reference generated with the same weights. */
final class GoldenGenerationTest {
    private static final Map<Path, Model> MODELS = new HashMap<>();

    @AfterAll
    static void close() {
        MODELS.values().forEach(Model::close);
    }

    @TestFactory
    Stream<DynamicTest> generatesWhatTheReferenceGenerates() {
        return Stream.of(Golden.of("gpt2-lm"), Golden.of("gpt2-generation-options"))
                .flatMap(golden -> golden.records().stream().map(record -> DynamicTest.dynamicTest(
                        golden.folder().getFileName() + " " + record.get("name").asText(),
                        () -> check(golden, record))));
    }

    private static void check(Golden golden, JsonNode record) {
        GenerationConfig config = golden.config(record.get("kwargs"));
        long[][] expected = Golden.rows(record.get("sequences"));
        Model model = MODELS.computeIfAbsent(golden.folder(), AutoModel::load);
        Scopes.run(() -> {
            ModelInputs inputs = ModelInputs.of(golden.inputs(record.get("input_prefix").asText()));
            Controls controls = Controls.NONE.withSeed(record.path("seed").asLong());
            List<Continuation> got = new Generator(model).generate(inputs, config, controls).stream()
                    .flatMap(List::stream)
                    .toList();
            int prompt = Math.toIntExact(inputs.find("input_ids").get().size(1));
            assertThat(got).hasSize(expected.length);
            for (int i = 0; i < expected.length; i++) {
                int[] ids = got.get(i).ids();
                long[] tail = Arrays.copyOfRange(expected[i], prompt, expected[i].length);
                assertThat(ids).as("row %d", i).isEqualTo(
                        IntStream.range(0, Math.min(ids.length, tail.length)).map(k -> (int) tail[k]).toArray());
                assertThat(Arrays.stream(tail).boxed().skip(ids.length))
                        .as("row %d, behind the end", i)
                        .allMatch(id -> filler(config).contains(id.intValue()));
                if (record.hasNonNull("sequences_scores")) {
                    double score = record.get("sequences_scores").get(i).doubleValue();
                    assertThat(got.get(i).score().orElseThrow())
                            .isCloseTo(score, within(1e-4 + 1e-4 * Math.abs(score)));
                }
            }
        });
    }

    /** What the reference may put behind the end of a sequence. */
    private static Set<Integer> filler(GenerationConfig config) {
        Set<Integer> ids = new HashSet<>(config.eosTokenId());
        ids.add(config.padTokenId().orElse(-1));
        ids.add(-1);
        return ids;
    }

    /** Its records are those of a plain loop: so many steps, never the padding, no end. */
    @ParameterizedTest
    @ValueSource(strings = {"vaswani", "vaswani-pre-norm"})
    void writesTheTargetThatAPlainLoopWrites(String name) {
        Golden golden = Golden.of(name);
        JsonNode record = golden.records().get(0);
        try (Model model = AutoModel.load(golden.folder())) {
            GenerationConfig config = GenerationConfig.load(golden.folder()).with()
                    .eosTokenId()
                    .maxNewTokens(record.get("kwargs").get("steps").intValue())
                    .build();
            assertThat(config.suppressTokens()).containsExactly(record.get("kwargs").get("never").get(0).intValue());
            Scopes.run(() -> {
                List<int[]> sources = unpadded(golden.inputs("").get("src"), config.padTokenId().orElseThrow());
                List<List<Continuation>> got = new Generator(model).generate(sources, config, Controls.NONE);
                long[][] expected = Golden.rows(record.get("sequences"));
                for (int i = 0; i < expected.length; i++) {
                    assertThat(got.get(i).get(0).ids())
                            .isEqualTo(Arrays.stream(expected[i]).skip(1).mapToInt(id -> (int) id).toArray());
                }
            });
        }
    }

    private static List<int[]> unpadded(Tensor ids_BS, int pad) {
        int width = (int) ids_BS.size(1);
        long[] flat = Tensors.toLongs(ids_BS);
        return IntStream.range(0, flat.length / width)
                .mapToObj(row -> Arrays.stream(flat, row * width, (row + 1) * width)
                        .filter(id -> id != pad)
                        .mapToInt(id -> (int) id)
                        .toArray())
                .toList();
    }
}
