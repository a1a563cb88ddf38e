package org.jformers.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * The size of an image or a patch, which a config gives as one number for squares or as height and width.
 *
 * @param height rows of pixels
 * @param width columns of pixels
 */
public record Extent(int height, int width) {

    /** A square. */
    public static Extent square(int side) {
        return new Extent(side, side);
    }

    /** Reads either form; throws {@link IllegalArgumentException} for any other. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Extent of(JsonNode json) {
        if (json.isInt()) {
            return square(json.intValue());
        }
        if (json.isArray() && json.size() == 2 && json.get(0).isInt() && json.get(1).isInt()) {
            return new Extent(json.get(0).intValue(), json.get(1).intValue());
        }
        throw new IllegalArgumentException("size: got " + json + ", allowed a number, or height and width");
    }

    /** The number of a square, else height and width. */
    @JsonValue
    Object json() {
        return height == width ? (Object) height : List.of(height, width);
    }
}
