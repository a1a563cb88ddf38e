package org.jformers.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON as Python's libraries write and read it, and what may be said of a file that is none. */
public final class ForeignJson {
    private static final JsonMapper WRITER = mapper().build();

    private ForeignJson() {}

    /**
     * A mapper that knows the numbers {@code NaN}, {@code Infinity} and {@code -Infinity}, both ways, and refuses a key
     * that is there twice and text behind the end.
     */
    public static JsonMapper.Builder mapper() {
        return JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    }

    /** The text of a file, indented. */
    public static String pretty(JsonNode json) {
        try {
            return WRITER.writerWithDefaultPrettyPrinter().writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always writable", e);
        }
    }

    /**
     * Why a text is not JSON: the kind of the error and its place. Nothing of the text is quoted: a link in a folder
     * may lead to a file that nobody meant to show.
     */
    public static String problem(JsonProcessingException e) {
        String message = String.valueOf(e.getOriginalMessage());
        String kind = "unexpected text";
        if (e instanceof JsonEOFException) {
            kind = "it ends too early";
        } else if (message.startsWith("Duplicate field")) {
            kind = "a key is there twice";
        } else if (message.contains("exceeds the maximum")) {
            kind = "something is nested too deep or too long";
        }
        return e.getLocation() == null
                ? kind
                : kind + " at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
    }
}
