package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Tokenizer;

/** Batches that transformers makes of texts, and two tokenizers: one cuts and fills on the right, one on the left. */
final class RowFixture {
    static final JsonNode GOLDEN = read().get("golden");
    static final JsonNode INPUTS = read().get("inputs");
    static final int MAX_LENGTH = INPUTS.get("max_length").asInt();

    private RowFixture() {}

    private static JsonNode read() {
        try (InputStream in = RowFixture.class.getResourceAsStream("/rows/rows.json")) {
            return new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static RowEncoding encoding(String side) {
        return RowEncoding.of(tokenizer(side), MAX_LENGTH, true);
    }

    static Tokenizer tokenizer(String side) {
        try {
            return AutoTokenizer.load(Path.of(RowFixture.class.getResource("/rows/" + side).toURI()));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> strings(JsonNode array) {
        List<String> strings = new ArrayList<>();
        array.forEach(node -> strings.add(node.asText()));
        return strings;
    }

    static int[] ints(JsonNode array) {
        return strings(array).stream().mapToInt(Integer::parseInt).toArray();
    }

    /** All fields of the reference, and no others but those named. */
    static void assertEqual(Batch batch, JsonNode golden, String... others) {
        List<String> names = new ArrayList<>(List.of(others));
        golden.properties().forEach(field -> {
            names.add(field.getKey());
            List<Long> values = new ArrayList<>();
            field.getValue().forEach(row -> row.forEach(value -> values.add(value.asLong())));
            Batch.Longs longs = batch.longs(field.getKey());
            assertThat(longs.values()).as(field.getKey()).containsExactly(values.toArray(Long[]::new));
            assertThat(longs.shape()).containsExactly(field.getValue().size(), field.getValue().get(0).size());
        });
        assertThat(batch.fields()).containsOnlyKeys(names);
    }
}
