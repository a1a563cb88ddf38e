package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** The arguments of a call of the reference library. What nobody asked for makes a check unsupported. */
final class Arguments {
    private final JsonNode json;
    private final Set<String> read = new HashSet<>();

    Arguments(JsonNode json) {
        this.json = json;
    }

    private JsonNode get(String name) {
        read.add(name);
        return json.path(name);
    }

    double number(String name, double otherwise) {
        JsonNode value = get(name);
        return value.isNumber() ? value.doubleValue() : otherwise;
    }

    int integer(String name, int otherwise) {
        return (int) number(name, otherwise);
    }

    /** A number of a list of them. */
    double number(String name, int at, double otherwise) {
        JsonNode value = get(name).path(at);
        return value.isNumber() ? value.doubleValue() : otherwise;
    }

    boolean flag(String name, boolean otherwise) {
        return get(name).asBoolean(otherwise);
    }

    String text(String name, String otherwise) {
        return get(name).asText(otherwise);
    }

    /** Names that the call has and nobody asked for. */
    Set<String> unread() {
        Set<String> unread = new TreeSet<>();
        json.fieldNames().forEachRemaining(unread::add);
        unread.removeAll(read);
        return unread;
    }
}
