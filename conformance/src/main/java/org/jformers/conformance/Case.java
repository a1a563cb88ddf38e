package org.jformers.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.jformers.JformersException;
import org.jformers.testkit.Tolerance;

/**
 * A folder with {@code case.json}: what is called with which input, and what comes out. docs/conformance.md lists the
 * keys.
 *
 * @param folder where its files are
 * @param json what {@code case.json} says
 */
record Case(Path folder, JsonNode json) {
    /** The file that makes a folder a case. */
    static final String FILE = "case.json";

    /** Python writes NaN and Infinity. */
    static final ObjectMapper JSON =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

    private static final Set<String> COMMON =
            Set.of("op", "topic", "source", "correct", "expected", "refused", "tolerance");

    /** Reads a folder; throws {@link JformersException} if its {@code case.json} cannot be read. */
    static Case read(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            return new Case(folder, JSON.readTree(Files.readString(file)));
        } catch (JsonProcessingException e) {
            throw new JformersException(FILE + ": no valid JSON, " + e.getOriginalMessage() + ", in " + file, e);
        } catch (IOException e) {
            throw new JformersException(FILE + ": cannot be read, " + e.getMessage() + ", in " + folder, e);
        }
    }

    String op() {
        return json.path("op").asText();
    }

    /** Whether one clear error is expected. */
    boolean refused() {
        return json.path("refused").asBoolean();
    }

    JsonNode expected() {
        return json.path("expected");
    }

    /** Numbers may differ by tolerance * (1 + |expected|). */
    Tolerance tolerance() {
        double tolerance = json.path("tolerance").asDouble();
        return new Tolerance(tolerance, tolerance);
    }

    /** Keys that neither every case has nor this operation reads. */
    Set<String> unknown(Set<String> read) {
        Set<String> unknown = new TreeSet<>();
        json.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(COMMON);
        unknown.removeAll(read);
        return unknown;
    }

    boolean has(String key) {
        return json.hasNonNull(key);
    }

    boolean flag(String key) {
        return json.path(key).asBoolean();
    }

    String text(String key) {
        return require(key).asText();
    }

    int number(String key) {
        return require(key).asInt();
    }

    /** The file or folder that a key names. */
    Path path(String key) {
        return folder.resolve(text(key)).normalize();
    }

    JsonNode require(String key) {
        if (!has(key)) {
            throw new JformersException(FILE + ": " + key + " is missing, in " + folder);
        }
        return json.get(key);
    }

    /** A value as plain Java data, as chat templates take it. */
    List<?> list(String key) {
        return JSON.convertValue(require(key), List.class);
    }

    Map<?, ?> map(String key) {
        return has(key) ? JSON.convertValue(json.get(key), Map.class) : Map.of();
    }

    static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
    }

    static List<List<String>> textsOfEach(JsonNode arrays) {
        List<List<String>> texts = new ArrayList<>();
        arrays.forEach(array -> texts.add(texts(array)));
        return texts;
    }
}
