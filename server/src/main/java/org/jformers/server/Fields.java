package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jformers.VisibleText;

/**
 * The fields of an object of a request. A route takes what it knows, the rest is refused by name. A field that is null
 * is as good as not there. No message repeats a value: it may be what nobody else is to read.
 */
final class Fields {
    private static final int SHOWN = 80;

    private final ObjectNode fields;
    private final String place;
    private final Set<String> known = new TreeSet<>();

    /** @param place of the object in the request, with a dot behind it; empty for the request itself */
    Fields(ObjectNode fields, String place) {
        this.fields = fields;
        this.place = place;
    }

    /** A field that is there and not null. */
    Optional<JsonNode> find(String name) {
        known.add(name);
        JsonNode value = fields.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    /** A field that must be there. */
    JsonNode require(String name) {
        return find(name).orElseThrow(() -> wrong(name, "nothing", "a value"));
    }

    Optional<String> text(String name) {
        return find(name).map(value -> text(name, value));
    }

    String requireText(String name) {
        return text(name, require(name));
    }

    /** A value as text of whole characters. */
    String text(String name, JsonNode value) {
        if (!value.isTextual()) {
            throw wrong(name, kind(value), "a text");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(value.textValue())) {
            throw wrong(name, "halves of characters", "a text of whole ones");
        }
        return value.textValue();
    }

    /** A text, or a list of up to so many. */
    List<String> texts(String name, int most) {
        JsonNode value = find(name).orElseGet(Json::array);
        if (value.isTextual()) {
            return List.of(text(name, value));
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode each : list(name, most)) {
            texts.add(text(name, each));
        }
        return texts;
    }

    /** The elements of a list; none if it is not there. */
    List<JsonNode> list(String name, int most) {
        JsonNode value = find(name).orElseGet(Json::array);
        if (!value.isArray()) {
            throw wrong(name, kind(value), "a list");
        }
        if (value.size() > most) {
            throw wrong(name, value.size() + " elements", "at most " + most);
        }
        List<JsonNode> list = new ArrayList<>();
        value.forEach(list::add);
        return list;
    }

    OptionalInt count(String name, int least, int most) {
        Optional<JsonNode> value = find(name);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        boolean whole = value.get().isIntegralNumber() && value.get().canConvertToInt();
        if (!whole || value.get().intValue() < least || value.get().intValue() > most) {
            throw wrong(name, value.get().isNumber() ? shown(value.get()) : kind(value.get()),
                    "a whole number from " + least + " to " + most);
        }
        return OptionalInt.of(value.get().intValue());
    }

    OptionalLong whole(String name) {
        Optional<JsonNode> value = find(name);
        if (value.isPresent() && !(value.get().isIntegralNumber() && value.get().canConvertToLong())) {
            throw wrong(name, kind(value.get()), "a whole number of 64 bits");
        }
        return value.isPresent() ? OptionalLong.of(value.get().longValue()) : OptionalLong.empty();
    }

    OptionalDouble number(String name, double least, double most) {
        Optional<JsonNode> value = find(name);
        return value.isPresent() ? OptionalDouble.of(number(name, value.get(), least, most)) : OptionalDouble.empty();
    }

    double number(String name, JsonNode value, double least, double most) {
        if (!value.isNumber() || !(value.doubleValue() >= least && value.doubleValue() <= most)) {
            throw wrong(name, value.isNumber() ? shown(value) : kind(value), "a number from " + least + " to " + most);
        }
        return value.doubleValue();
    }

    boolean flag(String name, boolean otherwise) {
        Optional<JsonNode> value = find(name);
        if (value.isPresent() && !value.get().isBoolean()) {
            throw wrong(name, kind(value.get()), "true or false");
        }
        return value.map(JsonNode::booleanValue).orElse(otherwise);
    }

    /** The fields of an object; none if it is not there. */
    Fields within(String name) {
        return within(name, find(name).orElseGet(Json::object));
    }

    /** The fields of a value, which is to be an object. */
    Fields within(String name, JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            throw wrong(name, kind(value), "an object");
        }
        return new Fields(object, place + name + ".");
    }

    /** A field that changes nothing here, as OpenAI documents it. */
    void ignore(String... names) {
        known.addAll(List.of(names));
    }

    /** A field that may have but one value, or none. */
    void only(String name, Object allowed) {
        Optional<JsonNode> value = find(name);
        if (value.isPresent() && !value.get().asText("").equals(allowed.toString())) {
            throw unsupported(name, "a value that is not supported", allowed + " or none");
        }
    }

    ApiException unsupported(String name, String got, String allowed) {
        return new ApiException(ApiException.Kind.UNSUPPORTED, place + name,
                place + name + ": got " + got + ", allowed " + allowed);
    }

    /** What is left over, to be handed on whole. */
    ObjectNode rest() {
        ObjectNode rest = fields.deepCopy();
        rest.remove(known);
        return rest;
    }

    /** Refuses what nobody asked for. */
    void requireNothingElse() {
        fields.properties().forEach(field -> {
            String name = field.getKey();
            if (!known.contains(name) && !field.getValue().isNull()) {
                String seen = place + VisibleText.line(name.length() > SHOWN ? name.substring(0, SHOWN) : name);
                throw new ApiException(ApiException.Kind.UNKNOWN_FIELD, seen,
                        seen + ": got a field that is not supported, allowed " + known);
            }
        });
    }

    ApiException wrong(String name, String got, String allowed) {
        return new ApiException(ApiException.Kind.INVALID, place + name,
                place + name + ": got " + got + ", allowed " + allowed);
    }

    private static String shown(JsonNode number) {
        String text = number.asText();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }

    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case STRING -> "a text";
            case NUMBER -> "a number";
            case BOOLEAN -> "a truth value";
            default -> "nothing";
        };
    }
}
