package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A mapping with its order. Templates cannot change one. */
final class Dict extends Value {
    private static final Set<String> UNSAFE = Set.of("clear", "pop", "popitem", "setdefault", "update");

    private final Map<Value, Value> entries;
    private final int depth;
    private final long weight;

    Dict(Map<Value, Value> entries) {
        this.entries = entries;
        for (Value key : entries.keySet()) {
            if (!key.isHashable()) {
                throw new ChatTemplateException("unhashable type: '" + key.type() + "'");
            }
        }
        depth = Math.max(depthOver(entries.keySet()), depthOver(entries.values()));
        weight = weightOver(entries.keySet()) + weightOver(entries.values());
    }

    Map<Value, Value> entries() {
        return entries;
    }

    List<Value> items() {
        List<Value> items = new ArrayList<>();
        entries.forEach((key, value) -> items.add(Listing.tuple(key, value)));
        return items;
    }

    @Override
    String type() {
        return "dict";
    }

    @Override
    boolean truth() {
        return !entries.isEmpty();
    }

    @Override
    int length() {
        return entries.size();
    }

    @Override
    List<Value> elements() {
        return List.copyOf(entries.keySet());
    }

    @Override
    boolean isIterable() {
        return true;
    }

    @Override
    boolean isHashable() {
        return false;
    }

    @Override
    boolean contains(Value value) {
        if (!value.isHashable()) {
            throw new ChatTemplateException("unhashable type: '" + value.type() + "'");
        }
        return entries.containsKey(value);
    }

    @Override
    int depth() {
        return depth;
    }

    @Override
    long weight() {
        return weight;
    }

    @Override
    void repr(TextBuilder out) {
        String separator = "{";
        for (Map.Entry<Value, Value> entry : entries.entrySet()) {
            out.append(separator);
            entry.getKey().repr(out);
            out.append(": ");
            entry.getValue().repr(out);
            separator = ", ";
        }
        out.append(entries.isEmpty() ? "{}" : "}");
    }

    @Override
    Optional<Value> item(Value key) {
        return key.isHashable() ? Optional.ofNullable(entries.get(key)) : Optional.empty();
    }

    @Override
    Optional<Value> attribute(String name) {
        if (UNSAFE.contains(name)) {
            return Optional.of(Undefined.unsafe(this, name));
        }
        return switch (name) {
            case "get" -> Optional.of(new Function(name, arguments -> {
                Arguments.Bound bound = arguments.bind(name, "key", "default");
                Value key = bound.required(0);
                return contains(key) ? entries.get(key) : bound.value(1, None.NONE);
            }));
            case "items" -> view(name, items());
            case "keys" -> view(name, elements());
            case "values" -> view(name, List.copyOf(entries.values()));
            case "copy" -> Optional.of(new Function(name, arguments -> this));
            default -> Optional.empty();
        };
    }

    private static Optional<Value> view(String name, List<Value> elements) {
        return Optional.of(new Function(name, arguments -> {
            arguments.bind(name);
            arguments.meter().spendElements(elements.size());
            return new View("dict_" + name, elements);
        }));
    }

    @Override
    public boolean equals(Object other) {
        return other == this || other instanceof Dict dict && dict.entries.equals(entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    /** What {@code keys()}, {@code values()} and {@code items()} give. */
    private static final class View extends Elements {
        private final String type;

        View(String type, List<Value> elements) {
            super(elements);
            this.type = type;
        }

        @Override
        String type() {
            return type;
        }

        @Override
        void repr(TextBuilder out) {
            out.append(type + "([");
            reprElements(out);
            out.append("])");
        }
    }
}
