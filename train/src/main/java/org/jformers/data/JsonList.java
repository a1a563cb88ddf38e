package org.jformers.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jformers.VisibleText;

/** Values that are lists in JSON, as those of JSON lines and Parquet read. */
final class JsonList {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private JsonList() {}

    /**
     * The elements of a list as text; empty if the value is no list.
     *
     * @param where the value's place, for messages
     * @throws DataException for an element that is null, a list or an object
     */
    static Optional<List<String>> elements(String value, String where) {
        if (!value.startsWith("[")) {
            return Optional.empty();
        }
        JsonNode list;
        try {
            list = JSON.readTree(value);
        } catch (JsonProcessingException e) {
            return Optional.empty(); // a text that begins with a bracket
        }
        List<String> elements = new ArrayList<>();
        for (JsonNode element : list) {
            if (element.isNull() || element.isContainerNode()) {
                throw new DataException(where + ": element " + (elements.size() + 1) + " is "
                        + VisibleText.line(element.toString()) + ", allowed: text");
            }
            elements.add(element.asText());
        }
        return Optional.of(List.copyOf(elements));
    }
}
