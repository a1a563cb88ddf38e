package org.jformers.settings;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jformers.JformersException;

/** Turns what Jackson says about a text into one line: which setting, what was expected, what was found, where. */
final class SettingsFailure {
    private static final int LONGEST_VALUE = 60;

    /** The key that names the variant of a part, beside its settings. */
    private static final String TYPE = "type";

    private SettingsFailure() {}

    /** The text is no JSON at all. */
    static SettingsException malformed(JacksonException failure, String where) {
        JsonLocation at = failure.getLocation();
        String line = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
        String message = failure.getOriginalMessage() + line + ", in " + where;
        return new SettingsException("not valid JSON: " + message, failure);
    }

    /** The text is JSON, but not these settings. */
    static SettingsException of(JacksonException failure, JsonNode json, String where) {
        if (!(failure instanceof JsonMappingException mapping)) {
            return malformed(failure, where);
        }
        String path = path(mapping);
        String in = where.isEmpty() ? "" : ", in " + where;
        if (mapping instanceof UnrecognizedPropertyException unknown) {
            return new SettingsException("unknown setting " + path + neighbours(path, unknown) + in, failure);
        }
        if (mapping instanceof ValueInstantiationException && mapping.getCause() != null) {
            // The record refused its components; its own message says which.
            String reason = reason(mapping.getCause());
            return new SettingsException((path.isEmpty() ? "" : path + ": ") + reason + in, failure);
        }
        if (mapping instanceof InvalidTypeIdException unnamed && unnamed.getTypeId() == null) {
            String type = path.isEmpty() ? TYPE : path + "." + TYPE;
            return new SettingsException(node(mapping, json).has(TYPE)
                    ? type + ": expected text, got " + print(node(mapping, json).path(TYPE)) + in
                    : "missing setting " + type + in, failure);
        }
        if (node(mapping, json).isMissingNode()) {
            return new SettingsException("missing setting " + path + in, failure);
        }
        String setting = path.isEmpty() ? "settings" : path;
        String got = ", got " + print(node(mapping, json));
        if (mapping instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            String expected = ": expected " + expected(mismatch.getTargetType());
            return new SettingsException(setting + expected + got + in, failure);
        }
        if (mapping.getCause() instanceof InputCoercionException) {
            return new SettingsException(setting + ": expected a smaller number" + got + in, failure);
        }
        String firstLine = mapping.getOriginalMessage().lines().findFirst().orElse("");
        return new SettingsException(setting + ": " + firstLine + in, failure);
    }

    /** The JSON is no object at all. */
    static SettingsException noObject(JsonNode json, Class<?> type, String where) {
        return new SettingsException("settings: expected " + expected(type) + ", got " + print(json) + ", in " + where);
    }

    /** What a person would call the values of a type. */
    static String expected(Class<?> type) {
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "an integer";
        }
        if (type == double.class || type == Double.class || type == float.class || type == Float.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == String.class) {
            return "text";
        }
        if (Path.class.isAssignableFrom(type)) {
            return "a path";
        }
        if (type == Duration.class) {
            return "a duration such as 90s, 5m or 2h";
        }
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", ", "one of ", ""));
        }
        if (Collection.class.isAssignableFrom(type) || type.isArray()) {
            return "a list as JSON, such as [1, 2]";
        }
        if (type.isRecord()) {
            return Arrays.stream(type.getRecordComponents())
                    .map(SettingsTree::key)
                    .collect(Collectors.joining(", ", "an object as JSON with the keys ", ""));
        }
        boolean object = type.isInterface() || Map.class.isAssignableFrom(type)
                || JsonNode.class.isAssignableFrom(type);
        return object ? "an object as JSON" : type.getSimpleName();
    }

    private static String neighbours(String path, UnrecognizedPropertyException unknown) {
        Collection<Object> known = unknown.getKnownPropertyIds();
        if (known == null) {
            return "";
        }
        String parent = path.substring(0, path.length() - unknown.getPropertyName().length());
        List<String> paths = known.stream().map(key -> parent + key).toList();
        return Nearest.hint(path, paths);
    }

    private static String reason(Throwable cause) {
        boolean meantForPeople = cause instanceof JformersException || cause instanceof IllegalArgumentException;
        return meantForPeople && cause.getMessage() != null ? cause.getMessage() : cause.toString();
    }

    private static JsonNode node(JsonMappingException failure, JsonNode json) {
        JsonNode node = json;
        for (JsonMappingException.Reference step : failure.getPath()) {
            node = step.getFieldName() != null ? node.path(step.getFieldName()) : node.path(step.getIndex());
        }
        return node;
    }

    private static String print(JsonNode node) {
        String text = node.isMissingNode() ? "nothing" : node.toString();
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "...";
    }

    private static String path(JsonMappingException failure) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : failure.getPath()) {
            if (step.getFieldName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            }
        }
        return path.toString();
    }
}
