package org.jformers.optim;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Values that the reference's optimizers and schedules compute. */
final class OptimFixture {
    private OptimFixture() {}

    static JsonNode read(String name) {
        try (InputStream in = OptimFixture.class.getResourceAsStream("/optim/" + name)) {
            return new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    /** All numbers of nested lists, row-major. */
    static float[] floats(JsonNode array) {
        double[] values = stream(array)
                .flatMap(node -> node.isArray() ? stream(node) : Stream.of(node))
                .mapToDouble(JsonNode::doubleValue)
                .toArray();
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }
}
