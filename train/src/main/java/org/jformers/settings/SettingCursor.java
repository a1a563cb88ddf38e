package org.jformers.settings;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A place in a tree of settings, walked from the root down through the record, its JSON and the declared types at once:
 * the record knows the types, the JSON is what changes.
 */
final class SettingCursor {
    private final Map<String, ObjectNode> templates;
    private String path = "";
    private @Nullable Object value;
    private Type type;
    private JsonNode json;
    private @Nullable JsonNode parent;
    private String lastStep = "";
    /** What a free-form part may hold; null where it may hold anything. */
    private @Nullable ObjectNode template;

    SettingCursor(Record root, ObjectNode json, Map<String, ObjectNode> templates) {
        this.value = root;
        this.type = root.getClass();
        this.json = json;
        this.templates = templates;
    }

    /** Goes one step down; false if there is nothing of that name. */
    boolean enter(String step) {
        if (json.isNull() && raw(type).isRecord()) {
            throw new SettingsException(
                    path + " is not set: set it as a whole, " + SettingsFailure.expected(raw(type)));
        }
        boolean found;
        if (json instanceof ArrayNode list) {
            found = enterElement(list, step);
        } else if (json instanceof ObjectNode object && value instanceof Record record) {
            found = enterComponent(object, record, step);
        } else {
            found = json instanceof ObjectNode object && enterKey(object, step);
        }
        lastStep = step;
        return found;
    }

    private boolean enterElement(ArrayNode list, String step) {
        if (!step.chars().allMatch(Character::isDigit)) {
            return false;
        }
        int index = step.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(step);
        if (index >= list.size()) {
            throw new SettingsException(
                    path + ": index " + step + " out of range, the list has " + list.size() + " elements");
        }
        go(list.get(index), value instanceof List<?> values ? values.get(index) : null, argument(0));
        path += "[" + index + "]";
        template = null;
        return true;
    }

    private boolean enterComponent(ObjectNode object, Record record, String step) {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
            if (SettingsTree.key(component).equals(step)) {
                go(object.get(step), SettingsTree.get(record, component), component.getGenericType());
                path += path.isEmpty() ? step : "." + step;
                template = templates.get(path);
                return true;
            }
        }
        // The name of the variant that Jackson writes beside the components.
        return object.has(step) && enterKey(object, step);
    }

    private boolean enterKey(ObjectNode object, String step) {
        JsonNode there = object.get(step);
        JsonNode known = template == null ? there : template.get(step);
        if (known == null) {
            return false;
        }
        Type element = Map.class.isAssignableFrom(raw(type)) ? argument(1) : Object.class;
        go(there == null ? known : there, value instanceof Map<?, ?> map ? map.get(step) : null, element);
        // A default of null says nothing about the type.
        template = template != null && known instanceof ObjectNode deeper ? deeper : null;
        path += path.isEmpty() ? step : "." + step;
        return true;
    }

    private void go(JsonNode child, @Nullable Object childValue, Type childType) {
        parent = json;
        json = child;
        value = unwrap(childValue);
        type = raw(childType) == Optional.class ? argument(childType, 0) : childType;
    }

    /** Puts a value here. */
    void replace(JsonNode replacement) {
        if (parent instanceof ArrayNode list) {
            list.set(Integer.parseInt(lastStep), replacement);
        } else if (parent instanceof ObjectNode object) {
            object.set(lastStep, replacement);
        }
    }

    /** Reads a value for this place; its fit to a record's type is judged when the record is made. */
    JsonNode parse(String text, String asked) {
        if (text.strip().equals("null")) {
            return NullNode.instance;
        }
        Class<?> raw = raw(type);
        boolean free = raw == Object.class || JsonNode.class.isAssignableFrom(raw);
        boolean textual = raw == String.class || raw == Path.class || raw == Duration.class || raw.isEnum();
        if (textual || free && json.isTextual()) {
            return parseText(text, asked);
        }
        JsonNode parsed;
        try {
            parsed = SettingsJson.value(text);
        } catch (JacksonException e) {
            if (free && json.isNull()) {
                return TextNode.valueOf(text);
            }
            String expected = free ? kind(json) : SettingsFailure.expected(raw);
            throw new SettingsException(asked + ": expected " + expected + ", got " + text, e);
        }
        boolean fits = kind(parsed).equals(kind(json)) || json.isFloatingPointNumber() && parsed.isNumber();
        if (free && !json.isNull() && !fits) {
            throw new SettingsException(asked + ": expected " + kind(json) + ", got " + text);
        }
        return parsed;
    }

    /** Whether a text stands for itself, without the quotes of JSON. */
    static boolean isPlain(String text) {
        return !text.isEmpty()
                && text.equals(text.strip())
                && !text.equals("null")
                && text.charAt(0) != '"'
                && text.chars().noneMatch(Character::isISOControl);
    }

    /** What an {@code Optional} holds, or the value itself. */
    static @Nullable Object unwrap(@Nullable Object value) {
        return value instanceof Optional<?> optional ? optional.orElse(null) : value;
    }

    private static JsonNode parseText(String text, String asked) {
        if (!text.startsWith("\"")) {
            return TextNode.valueOf(text);
        }
        try {
            return SettingsJson.value(text);
        } catch (JacksonException e) {
            throw new SettingsException(asked + ": expected text, with or without the quotes of JSON, got " + text, e);
        }
    }

    private static String kind(JsonNode json) {
        if (json.isIntegralNumber()) {
            return "an integer";
        }
        if (json.isNumber()) {
            return "a number";
        }
        if (json.isBoolean()) {
            return "true or false";
        }
        if (json.isTextual()) {
            return "text";
        }
        return json.isArray() ? "a list as JSON, such as [1, 2]" : "an object as JSON";
    }

    private Type argument(int index) {
        return argument(type, index);
    }

    private static Type argument(Type type, int index) {
        return type instanceof ParameterizedType generic ? generic.getActualTypeArguments()[index] : Object.class;
    }

    private static Class<?> raw(Type type) {
        if (type instanceof ParameterizedType generic) {
            return (Class<?>) generic.getRawType();
        }
        if (type instanceof WildcardType wildcard) {
            return raw(wildcard.getUpperBounds()[0]);
        }
        return type instanceof Class<?> plain ? plain : Object.class;
    }
}
