package org.jformers.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Specs as JSON: an object for each record with its components by name, what is absent left out. Where a component may
 * be of several types, as attention and norms may, {@code type} says which: the name of the record, without {@code
 * org.jformers.} for our own.
 *
 * <pre>{@code
 * String text = SpecJson.write(spec);
 * Stack.Spec same = SpecJson.read(text, Stack.Spec.class);
 * }</pre>
 */
public final class SpecJson {
    /** The key under which the type of a record stands. */
    static final String TYPE = "type";

    /** The key under which a constant stands whose type is not said by its place. */
    static final String CONSTANT = "constant";

    private SpecJson() {}

    /**
     * A spec as JSON with line breaks.
     *
     * @throws IllegalArgumentException if there is a value in it that is neither a record, a number, a text, a constant
     *     nor a collection of such
     */
    public static String write(Record spec) {
        return ConfigJson.text(object(spec, Object.class));
    }

    /**
     * A spec out of JSON, equal to the one that was written.
     *
     * @param type what it is: the class of a record, or an interface that the record implements
     * @throws ConfigException if the text is no JSON, or no spec of that type
     */
    public static <S> S read(String json, Class<S> type) {
        try {
            return type.cast(new SpecReader().value(ConfigJson.tree(json), type, "spec"));
        } catch (JsonProcessingException e) {
            throw new ConfigException("spec: is no JSON, " + e.getOriginalMessage(), e);
        }
    }

    private static ObjectNode object(Record spec, Class<?> declared) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        if (spec.getClass() != declared) {
            object.put(TYPE, SpecTypes.name(spec.getClass()));
        }
        for (RecordComponent component : spec.getClass().getRecordComponents()) {
            Object value = SpecTypes.get(spec, component);
            Type type = component.getGenericType();
            if (value instanceof Optional<?> optional) {
                value = optional.orElse(null);
                type = SpecTypes.argument(type, 0);
            }
            if (value != null) {
                object.set(component.getName(), node(value, type));
            }
        }
        return object;
    }

    private static JsonNode node(Object value, Type declared) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (value instanceof Record record) {
            return object(record, SpecTypes.raw(declared));
        }
        if (value instanceof Enum<?> constant) {
            Class<?> type = constant.getDeclaringClass();
            return type == SpecTypes.raw(declared)
                    ? nodes.textNode(constant.name())
                    : nodes.objectNode().put(TYPE, SpecTypes.name(type)).put(CONSTANT, constant.name());
        }
        if (value instanceof List<?> list) {
            ArrayNode array = nodes.arrayNode();
            list.forEach(item -> array.add(node(item, SpecTypes.argument(declared, 0))));
            return array;
        }
        if (value instanceof Set<?> set) {
            ArrayNode array = nodes.arrayNode();
            set.stream().map(item -> node(item, SpecTypes.argument(declared, 0)))
                    .sorted((a, b) -> a.toString().compareTo(b.toString())).forEach(array::add);
            return array;
        }
        if (value instanceof Map<?, ?> map) {
            ObjectNode object = nodes.objectNode();
            map.forEach((key, item) -> object.set(key.toString(), node(item, SpecTypes.argument(declared, 1))));
            return object;
        }
        if (value instanceof Double number && !Double.isFinite(number)) {
            return nodes.textNode(number.toString());
        }
        if (value instanceof Number || value instanceof Boolean || value instanceof String) {
            return ConfigJson.node(value);
        }
        throw new IllegalArgumentException("spec: got a " + value.getClass().getName()
                + ", allowed records, numbers, texts, constants and collections of such");
    }
}
