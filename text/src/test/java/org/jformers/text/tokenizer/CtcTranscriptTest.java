package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Texts of frames and their places, as the reference's tokenizer gives them. */
final class CtcTranscriptTest {
    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> hearsWhatTheReferenceHears() throws IOException {
        try (InputStream file = CtcTranscriptTest.class.getResourceAsStream("/ctc.json")) {
            JsonNode cases = new ObjectMapper().readTree(file).get("cases");
            assertThat(cases).hasSize(7);
            return cases.valueStream().map(one -> DynamicTest.dynamicTest(one.get("name").asText(), () -> check(one)));
        }
    }

    private void check(JsonNode one) throws IOException {
        Path files = Files.createDirectory(folder.resolve(one.get("name").asText()));
        for (Map.Entry<String, JsonNode> file : one.get("files").properties()) {
            Files.writeString(files.resolve(file.getKey()), file.getValue().toString());
        }
        Tokenizer tokenizer = AutoTokenizer.load(files);
        assertThat(one.get("frames")).hasSize(17);
        for (JsonNode row : one.get("frames")) {
            CtcTranscript transcript = tokenizer.transcript(
                    row.get("ids").valueStream().mapToInt(JsonNode::intValue).toArray());
            assertThat(transcript).as("%s", row.get("ids")).isEqualTo(new CtcTranscript(
                    row.get("text").textValue(), stretches(row.get("characters")), stretches(row.get("words"))));
        }
    }

    private static List<CtcTranscript.Stretch> stretches(JsonNode list) {
        List<CtcTranscript.Stretch> stretches = new ArrayList<>();
        list.forEach(one -> stretches.add(new CtcTranscript.Stretch(
                one.get(0).textValue(), one.get(1).intValue(), one.get(2).intValue())));
        return stretches;
    }

    @Test
    void refusesTokenizersOfTexts() throws IOException {
        Files.writeString(folder.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"bert\"}");
        Tokenizer tokenizer = AutoTokenizer.load(folder);
        assertThatThrownBy(() -> tokenizer.transcript(new int[] {5})).isInstanceOf(TokenizerException.class)
                .hasMessageContaining("has no token for a frame without one");
    }
}
