package org.jformers.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jformers.JformersException;
import org.jformers.testkit.Check;
import org.jformers.testkit.Check.Outcome;
import org.jformers.testkit.ConformanceResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases kept here pass, and a run of a case that is changed does not. */
final class CasesTest {
    @TempDir
    private Path folder;

    private static Stream<Path> cases() throws URISyntaxException {
        return Cases.in(Path.of(CasesTest.class.getResource("/cases").toURI())).stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void passes(Path one) {
        ConformanceResult result = Cases.run(one);

        assertThat(result.outcome()).as(result.summary()).isEqualTo(Outcome.PASSED);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void failsWhereSomethingElseIsExpected(Path one) throws IOException {
        copy(one);
        edit(json -> {
            if (json.path("refused").asBoolean()) {
                json.remove("refused");
                json.put("expected", "something");
            } else {
                json.set("expected", changed(json.get("expected")));
            }
        });
        assertThat(Cases.run(folder).outcome()).isEqualTo(Outcome.FAILED);

        edit(json -> {
            json.remove("expected");
            json.put("refused", !Case.read(one).refused());
        });
        assertThat(Cases.run(folder).outcome()).isEqualTo(Outcome.FAILED);
    }

    @Test
    void everyOperationHasACase() throws URISyntaxException {
        assertThat(cases().map(one -> Case.read(one).op()).distinct()).containsExactlyInAnyOrder(
                "forward", "generate", "tokenize", "chat", "truncate", "entities", "bleu", "chrf", "labels",
                "classify", "pixels", "rows");
    }

    @Test
    void aRefusalIsOneLineOfTheLibrary() {
        assertThat(Cases.refusal("op", new JformersException("got a, allowed b")).outcome())
                .isEqualTo(Outcome.PASSED);
        for (Throwable thrown : List.of(
                new NullPointerException("a"), new ClassCastException("a"), new RuntimeException("from the engine"),
                new StackOverflowError(), new JformersException(" "))) {
            assertThat(Cases.refusal("op", thrown).outcome()).as(thrown.toString()).isEqualTo(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{\"op\": \"sing\"}                        | op: got sing, allowed ",
        "{\"op\": \"labels\", \"loudness\": 3}     | labels: keys [loudness]",
    })
    void saysWhatItDoesNotKnow(String json, String reason) throws IOException {
        Files.writeString(folder.resolve(Case.FILE), json);

        ConformanceResult result = Cases.run(folder);

        assertThat(result.outcome()).isEqualTo(Outcome.UNSUPPORTED);
        assertThat(result.summary()).startsWith("unsupported: " + reason);
    }

    @Test
    void aCaseThatExpectsNothingFails() throws IOException {
        Files.writeString(folder.resolve(Case.FILE),
                "{\"op\": \"chat\", \"template\": \"a\", \"messages\": []}");

        assertThat(Cases.run(folder).outcome()).isEqualTo(Outcome.FAILED);
    }

    @Test
    void countsTemplatesAndNamesThoseThatDiffer() throws IOException {
        String lines = String.join("\n",
                "{\"context\": {\"n\": 7}}",
                "{\"template\": \"{{ n + 1 }}\", \"expected\": \"8\"}",
                "{\"template\": \"{{ n - 1 }}\", \"expected\": \"7\"}",
                "{\"template\": \"{{ n / 0 }}\", \"refused\": true}",
                "{\"template\": \"{{ n }}\", \"refused\": true}",
                "{\"template\": \"{{ n / 0 }}\", \"expected\": \"0\"}");
        Path file = folder.resolve("expressions.jsonl.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(lines.getBytes(StandardCharsets.UTF_8));
        }

        ConformanceResult result = Cases.run(file);

        assertThat(Cases.in(folder)).containsExactly(file);
        assertThat(result.checks().get(0).describe()).isEqualTo("templates: 2 as expected, 3 not, of 5");
        assertThat(result.of(Outcome.FAILED).stream().skip(1).map(Check::name))
                .containsExactly("\"{{ n - 1 }}\"", "\"{{ n }}\"", "\"{{ n / 0 }}\"");
    }

    @Test
    void refusesWhatHoldsNoGoldenValues() {
        assertThatThrownBy(() -> Cases.in(folder)).isInstanceOf(JformersException.class)
                .hasMessageContaining(folder.toString());
        assertThatThrownBy(() -> Cases.in(folder.resolve("none"))).isInstanceOf(JformersException.class)
                .hasMessageContaining("no such folder");
    }

    /** The same value but for its last number or text. */
    private static JsonNode changed(JsonNode value) {
        if (value.isNumber()) {
            return Case.JSON.getNodeFactory().numberNode(value.asDouble() + 1 + Math.abs(value.asDouble()));
        }
        if (value.isArray()) {
            ArrayNode array = value.deepCopy();
            return array.isEmpty()
                    ? array.add(1)
                    : array.<ArrayNode>deepCopy().set(array.size() - 1, changed(array.get(array.size() - 1)));
        }
        if (value.isObject()) {
            ObjectNode object = value.deepCopy();
            String last = "";
            for (String name : (Iterable<String>) object::fieldNames) {
                last = name;
            }
            return object.set(last, changed(object.get(last)));
        }
        return Case.JSON.getNodeFactory().textNode(value.asText() + "!");
    }

    private void copy(Path from) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = folder.resolve(from.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    private void edit(Consumer<ObjectNode> change) throws IOException {
        ObjectNode json = (ObjectNode) Case.read(folder).json();
        change.accept(json);
        Files.writeString(folder.resolve(Case.FILE), json.toString());
    }
}
