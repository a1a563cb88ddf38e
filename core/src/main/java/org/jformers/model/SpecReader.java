package org.jformers.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads what {@link SpecJson} writes. */
final class SpecReader {

    /** @param place where the value stands, named in errors */
    Object value(JsonNode json, Type declared, String place) {
        Class<?> type = SpecTypes.raw(declared);
        if (type == Optional.class) {
            return Optional.of(value(json, SpecTypes.argument(declared, 0), place));
        }
        if (type == List.class || type == Set.class) {
            return collection(json, declared, type, place);
        }
        if (type == Map.class) {
            return map(json, declared, place);
        }
        if (json.isObject()) {
            return object(json, type, place);
        }
        return type.isEnum() ? constant(json, type, place) : plain(json, type, place);
    }

    private Object collection(JsonNode json, Type declared, Class<?> type, String place) {
        require(json.isArray(), place, json, "a list");
        List<Object> items = new ArrayList<>();
        for (JsonNode item : json) {
            items.add(value(item, SpecTypes.argument(declared, 0), place + "[" + items.size() + "]"));
        }
        return type == List.class ? items : new LinkedHashSet<>(items);
    }

    private Object map(JsonNode json, Type declared, String place) {
        require(json.isObject(), place, json, "an object");
        Map<Object, Object> map = new LinkedHashMap<>();
        Class<?> key = SpecTypes.raw(SpecTypes.argument(declared, 0));
        json.properties().forEach(e -> map.put(
                key == Integer.class ? (Object) Integer.valueOf(e.getKey()) : e.getKey(),
                value(e.getValue(), SpecTypes.argument(declared, 1), place + "." + e.getKey())));
        return map;
    }

    private Object object(JsonNode json, Class<?> declared, String place) {
        Class<?> type = json.has(SpecJson.TYPE) ? named(json.get(SpecJson.TYPE), declared, place) : declared;
        if (type.isEnum() && json.has(SpecJson.CONSTANT)) {
            return constant(json.get(SpecJson.CONSTANT), type, place);
        }
        require(type.isRecord(), place, json, "a type of " + SpecTypes.name(declared));
        RecordComponent[] components = type.getRecordComponents();
        Set<String> names = Stream.of(components).map(RecordComponent::getName).collect(Collectors.toSet());
        json.fieldNames().forEachRemaining(name -> require(
                names.contains(name) || name.equals(SpecJson.TYPE), place, name, names.stream().sorted().toList()));
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = component(json, components[i], place);
        }
        try {
            return SpecTypes.make(type, values);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new ConfigException(place + ": " + e.getMessage(), e);
        }
    }

    private Object component(JsonNode json, RecordComponent component, String place) {
        JsonNode value = json.get(component.getName());
        String within = place + "." + component.getName();
        if (value == null && component.getType() == Optional.class) {
            return Optional.empty();
        }
        require(value != null && !value.isNull(), within, "nothing", "a " + component.getType().getSimpleName());
        return value(value, component.getGenericType(), within);
    }

    private static Class<?> named(JsonNode name, Class<?> declared, String place) {
        return SpecTypes.find(name.asText(), declared).orElseThrow(() -> new ConfigException(place + ": got type "
                + name + ", allowed records that are a " + SpecTypes.name(declared)));
    }

    private static Object constant(JsonNode json, Class<?> type, String place) {
        return Stream.of(type.getEnumConstants())
                .filter(constant -> ((Enum<?>) constant).name().equals(json.asText()))
                .findFirst()
                .orElseThrow(() -> refused(place, json, List.of(type.getEnumConstants())));
    }

    private static Object plain(JsonNode json, Class<?> type, String place) {
        if (type == String.class) {
            require(json.isTextual(), place, json, "a text");
            return json.textValue();
        }
        if (type == boolean.class || type == Boolean.class) {
            require(json.isBoolean(), place, json, "true or false");
            return json.booleanValue();
        }
        if (type == int.class || type == Integer.class) {
            require(json.isIntegralNumber() && json.canConvertToInt(), place, json, "a whole number");
            return json.intValue();
        }
        if (type == long.class || type == Long.class) {
            require(json.isIntegralNumber() && json.canConvertToLong(), place, json, "a whole number");
            return json.longValue();
        }
        require(type == double.class || type == Double.class, place, json, "a " + SpecTypes.name(type));
        boolean spelled = Set.of("NaN", "Infinity", "-Infinity").contains(json.asText());
        require(json.isNumber() || spelled, place, json, "a number");
        return spelled ? Double.valueOf(json.asText()) : (Object) json.doubleValue();
    }

    private static void require(boolean fits, String place, Object got, Object allowed) {
        if (!fits) {
            throw refused(place, got, allowed);
        }
    }

    private static ConfigException refused(String place, Object got, Object allowed) {
        return new ConfigException(place + ": got " + got + ", allowed " + allowed);
    }
}
