package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code jformers run --json} prints for the calls of the golden pipelines: the reference's results. */
class RunCommandGoldenTest {
    private static final Path FOLDER = Path.of("src/test/resources/pipelines");
    private static final double TOLERANCE = 1e-5;

    private record Golden(Path model, String task, List<JsonNode> lines) {
        @Override
        public String toString() {
            return task + " " + model.getFileName();
        }
    }

    static Stream<Golden> goldens() throws IOException {
        List<Golden> goldens = new ArrayList<>();
        try (Stream<Path> models = Files.list(FOLDER)) {
            for (Path model : models.sorted().toList()) {
                Map<String, List<JsonNode>> byTask = new LinkedHashMap<>();
                for (String line : Files.readAllLines(model.resolve("calls.jsonl"))) {
                    JsonNode golden = new JsonMapper().readTree(line);
                    byTask.computeIfAbsent(golden.get("task").asText(), task -> new ArrayList<>()).add(golden);
                }
                byTask.forEach((task, lines) -> goldens.add(new Golden(model, task, lines)));
            }
        }
        return goldens.stream();
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void returnsWhatTheReferenceReturns(Golden golden) throws IOException {
        String calls = String.join("\n", golden.lines().stream().map(line -> line.get("call").toString()).toList());
        Run run = StandardInput.jformers(calls, "run", golden.task(), "--model", golden.model().toString(), "--json");
        boolean fails = golden.lines().stream().anyMatch(line -> line.has("fails"));
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(fails ? 1 : 0);
        List<String> printed = run.out().lines().toList();
        assertThat(printed).hasSameSizeAs(golden.lines());
        SoftAssertions all = new SoftAssertions();
        for (int i = 0; i < printed.size(); i++) {
            JsonNode line = golden.lines().get(i);
            JsonNode answer = new JsonMapper().readTree(printed.get(i));
            String expected = line.get(line.has("fails") ? "fails" : "result").toString();
            all.assertThatCode(() -> {
                if (line.has("fails")) {
                    assertThat(answer.path("error").asText()).isNotEmpty();
                } else {
                    same(line.get("result"), answer, "$");
                }
            }).as("%s%n-> %s%ngot %s%n", line.get("call"), expected, answer).doesNotThrowAnyException();
        }
        all.assertAll();
    }

    private static void same(JsonNode expected, JsonNode actual, String place) {
        assertThat(actual.getNodeType()).as(place).isEqualTo(expected.getNodeType());
        if (expected.isNumber()) {
            assertThat(actual.doubleValue()).as(place).isCloseTo(expected.doubleValue(), within(TOLERANCE));
        } else if (expected.isValueNode()) {
            assertThat(actual).as(place).isEqualTo(expected);
        } else {
            assertThat(actual.size()).as(place + " size").isEqualTo(expected.size());
            Iterator<String> names = expected.fieldNames();
            while (names.hasNext()) {
                String name = names.next();
                assertThat(actual.has(name)).as(place + "." + name).isTrue();
                same(expected.get(name), actual.get(name), place + "." + name);
            }
            for (int i = 0; i < expected.size() && expected.isArray(); i++) {
                same(expected.get(i), actual.get(i), place + "[" + i + "]");
            }
        }
    }
}
