package org.jformers.evaluation.metric;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;

/** One file of values computed by a reference tool, and the tolerance it allows. */
record MetricFixture(JsonNode root) {

    static MetricFixture read(String name) {
        try (InputStream in = MetricFixture.class.getResourceAsStream("/metrics/" + name)) {
            return new MetricFixture(new JsonMapper().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    JsonNode get(String name) {
        return root.required(name);
    }

    Offset<Double> tolerance() {
        return Offset.offset(root.required("tolerance").required("abs").asDouble());
    }

    static List<String> strings(JsonNode array) {
        List<String> strings = new ArrayList<>();
        array.forEach(node -> strings.add(node.asText()));
        return strings;
    }

    static List<Double> doubles(JsonNode array) {
        List<Double> doubles = new ArrayList<>();
        array.forEach(node -> doubles.add(node.asDouble()));
        return doubles;
    }

    static int[] ints(JsonNode array) {
        return doubles(array).stream().mapToInt(Double::intValue).toArray();
    }
}
