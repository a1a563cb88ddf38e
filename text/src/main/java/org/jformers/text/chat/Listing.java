package org.jformers.text.chat;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A list or tuple. Templates cannot change one. */
final class Listing extends Elements {
    private static final Set<String> UNSAFE =
            Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");

    private final boolean tuple;

    private Listing(List<Value> elements, boolean tuple) {
        super(elements);
        this.tuple = tuple;
    }

    static Listing list(List<Value> elements) {
        return new Listing(elements, false);
    }

    static Listing tuple(List<Value> elements) {
        return new Listing(elements, true);
    }

    static Listing tuple(Value... elements) {
        return tuple(List.of(elements));
    }

    /** Other elements in a list or tuple as this one. */
    Listing with(List<Value> elements) {
        return new Listing(elements, tuple);
    }

    boolean isTuple() {
        return tuple;
    }

    @Override
    String type() {
        return tuple ? "tuple" : "list";
    }

    @Override
    boolean isHashable() {
        return tuple && elements().stream().allMatch(Value::isHashable);
    }

    @Override
    void repr(TextBuilder out) {
        out.append(tuple ? "(" : "[");
        reprElements(out);
        out.append(tuple ? length() == 1 ? ",)" : ")" : "]");
    }

    @Override
    Optional<Value> attribute(String name) {
        if (!tuple && UNSAFE.contains(name)) {
            return Optional.of(Undefined.unsafe(this, name));
        }
        return switch (name) {
            case "index" -> Optional.of(new Function(name, arguments -> {
                int at = elements().indexOf(arguments.bind(name, "value").required(0));
                if (at < 0) {
                    throw new ChatTemplateException("list.index: the value is not in the list");
                }
                return Value.of(at);
            }));
            case "count" -> Optional.of(new Function(name, arguments -> {
                Value wanted = arguments.bind(name, "value").required(0);
                return Value.of(elements().stream().filter(wanted::equals).count());
            }));
            case "copy" -> tuple ? Optional.empty() : Optional.of(new Function(name, arguments -> this));
            default -> Optional.empty();
        };
    }

    @Override
    Optional<Value> item(Value key) {
        return at(elements(), key);
    }

    static Optional<Value> at(List<Value> elements, Value key) {
        if (key instanceof Num number && !number.isFloat()) {
            int at = number.clamped() < 0 ? number.clamped() + elements.size() : number.clamped();
            return at >= 0 && at < elements.size() ? Optional.of(elements.get(at)) : Optional.empty();
        }
        return Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other == this
                || other instanceof Listing list && list.tuple == tuple && list.elements().equals(elements());
    }

    @Override
    public int hashCode() {
        return elements().hashCode();
    }
}
