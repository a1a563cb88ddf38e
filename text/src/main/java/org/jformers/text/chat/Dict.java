package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** A mapping with its order. Templates cannot change one. */
final class Dict extends Value {
    private static final Set<String> UNSAFE = Set.of("clear", "pop", "popitem", "setdefault", "update");

    private final Map<Value, Value> entries;
    private final int depth;
    private final long weight;

    Dict(Map<Value, Value> entries) {
        this.entries = entries;
        entries.keySet().forEach(Dict::requireHashable);
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
        return entries.containsKey(requireHashable(value));
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
            case "get" -> Optional.of(Function.method("dict", name, arguments -> {
                Arguments.Bound bound = arguments.bindUnnamed(name, "key", "default");
                Value key = bound.required(0);
                arguments.meter().spend(key.weight());
                return contains(key) ? item(key).orElseThrow() : bound.value(1, None.NONE);
            }));
            case "items" -> view(name, this::items);
            case "keys" -> view(name, this::elements);
            case "values" -> view(name, () -> List.copyOf(entries.values()));
            case "copy" -> Optional.of(Function.method("dict", name, arguments -> {
                arguments.bind(name);
                arguments.meter().spendElements(length());
                return new Dict(entries);
            }));
            case "fromkeys" -> Optional.of(Function.method("dict", name, Dict::fromKeys));
            default -> Optional.empty();
        };
    }

    private Optional<Value> view(String name, Supplier<List<Value>> elements) {
        return Optional.of(Function.method("dict", name, arguments -> {
            arguments.bind(name);
            arguments.meter().spendElements(2L * length());
            return new View("dict_" + name, elements.get(), this);
        }));
    }

    private static Value fromKeys(Arguments arguments) {
        Arguments.Bound bound = arguments.bindUnnamed("fromkeys", "iterable", "value");
        Map<Value, Value> entries = new LinkedHashMap<>();
        bound.required(0).iterator().forEachRemaining(key -> {
            arguments.meter().spendElements(2);
            entries.put(requireHashable(key), bound.value(1, None.NONE));
        });
        return new Dict(entries);
    }

    /** The key, if it can be one. */
    static Value requireHashable(Value key) {
        if (!key.isHashable()) {
            throw new ChatTemplateException("unhashable type: '" + key.type() + "'");
        }
        return key;
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
        private final Dict mapping;

        View(String type, List<Value> elements, Dict mapping) {
            super(elements);
            this.type = type;
            this.mapping = mapping;
        }

        @Override
        Optional<Value> attribute(String name) {
            return name.equals("mapping") ? Optional.of(mapping) : Optional.empty();
        }

        @Override
        boolean isHashable() {
            return !isSet();
        }

        // Two views of keys, or of pairs, are equal as sets are.
        @Override
        public boolean equals(Object other) {
            return other == this || other instanceof View view && type.equals(view.type) && isSet()
                    && view.length() == length() && new HashSet<>(view.elements()).containsAll(elements());
        }

        @Override
        public int hashCode() {
            return isSet() ? new HashSet<>(elements()).hashCode() : System.identityHashCode(this);
        }

        private boolean isSet() {
            return !type.equals("dict_values");
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
