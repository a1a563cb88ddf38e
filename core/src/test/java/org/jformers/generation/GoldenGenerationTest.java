package org.jformers.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.model.AutoModel;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What the reference generated with the same weights. */
final class GoldenGenerationTest {

    @TestFactory
    Stream<DynamicTest> generatesWhatTheReferenceGenerates() {
        Stream<Path> more = System.getProperty("golden") == null
                ? Stream.empty()
                : Arrays.stream(new java.io.File(System.getProperty("golden")).listFiles()).map(java.io.File::toPath);
        return Stream.concat(Stream.of(Golden.of("gpt2-lm")), more.map(Golden::in))
                .flatMap(golden -> golden.records().stream().map(record -> DynamicTest.dynamicTest(
                        golden.folder().getFileName() + " " + record.get("name").asText(),
                        () -> check(golden, record))));
    }

    private static void check(Golden golden, JsonNode record) {
        GenerationConfig config = golden.config(record.get("kwargs"));
        long[][] expected = Golden.rows(record.get("sequences"));
        try (Model model = AutoModel.load(golden.folder())) {
            Scopes.run(() -> {
                ModelInputs inputs = ModelInputs.of(golden.inputs(record.get("input_prefix").asText()));
                Controls controls = record.has("seed") ? Controls.NONE.withSeed(record.get("seed").asLong()) : Controls.NONE;
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
                            .allMatch(id -> id == -1 || id == config.padTokenId().orElse(-1) || config.eosTokenId().contains(id.intValue()));
                    if (record.hasNonNull("sequences_scores")) {
                        double score = record.get("sequences_scores").get(i).doubleValue();
                        assertThat(got.get(i).score().orElseThrow())
                                .isCloseTo(score, within(1e-4 + 1e-4 * Math.abs(score)));
                    }
                }
            });
        }
    }
}
