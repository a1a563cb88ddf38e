package org.jformers.text.chat;

import java.util.Map;
import java.util.Optional;

/** The one value whose attributes a template may set; made by {@code namespace()}. */
final class Namespace extends Value {
    /** Java calls that showing one namespace within another takes, see {@link Meter#DEPTH}. */
    private static final int CALLS = 10;

    private final Map<Value, Value> attributes;

    /** @param attributes taken over and changed */
    Namespace(Map<Value, Value> attributes) {
        this.attributes = attributes;
    }

    void set(String name, Value value) {
        attributes.put(Str.of(name), value);
    }

    @Override
    String type() {
        return "Namespace";
    }

    // A namespace may hold itself; that ends as anything that nests too deeply does.
    @Override
    void repr(TextBuilder out) {
        out.append("<Namespace ");
        out.meter().deeper(CALLS);
        new Dict(attributes).repr(out);
        out.meter().higher(CALLS);
        out.append(">");
    }

    @Override
    Optional<Value> attribute(String name) {
        return Optional.ofNullable(attributes.get(Str.of(name)));
    }
}
