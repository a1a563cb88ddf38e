package org.jformers.text.chat;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A list or tuple. Templates cannot change one. */
final class Listing extends Elements implements Comparable<Listing> {
    private static final Set<String> UNSAFE =
            Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");

    private final boolean tuple;
    private final List<String> names;

    private Listing(List<Value> elements, boolean tuple, List<String> names) {
        super(elements);
        this.tuple = tuple;
        this.names = names;
    }

    static Listing list(List<Value> elements) {
        return new Listing(elements, false, List.of());
    }

    static Listing tuple(List<Value> elements) {
        return new Listing(elements, true, List.of());
    }

    /** A tuple whose elements have names as well. */
    static Listing named(List<String> names, Value... elements) {
        return new Listing(List.of(elements), true, names);
    }

    static Listing tuple(Value... elements) {
        return tuple(List.of(elements));
    }

    /** Other elements in a list or tuple as this one. */
    Listing with(List<Value> elements) {
        return new Listing(elements, tuple, List.of());
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
        if (names.contains(name)) {
            return Optional.of(elements().get(names.indexOf(name)));
        }
        return switch (name) {
            case "index" -> Optional.of(Function.method(type(), name, arguments -> {
                arguments.meter().spend(weight());
                Arguments.Bound bound = arguments.bindUnnamed(name, "value", "start", "stop");
                int from = Slices.clip(bound.integer(1, 0), length());
                int to = Math.max(from, Slices.clip(bound.integer(2, Integer.MAX_VALUE), length()));
                int at = elements().subList(from, to).indexOf(bound.required(0)) + from;
                if (at < from) {
                    throw new ChatTemplateException("list.index: the value is not in the list");
                }
                return Value.of(at);
            }));
            case "count" -> Optional.of(Function.method(type(), name, arguments -> {
                Value wanted = arguments.only(name);
                arguments.meter().spend(weight());
                return Value.of(elements().stream().filter(wanted::equals).count());
            }));
            case "copy" -> tuple ? Optional.empty() : Optional.of(Function.method(type(), name, arguments -> {
                arguments.bind(name);
                arguments.meter().spendElements(length());
                return with(elements());
            }));
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

    /** An order of tuples of any values, for maps; not that of Python. */
    @Override
    public int compareTo(Listing other) {
        int order = Integer.compare(length(), other.length());
        for (int i = 0; i < length() && order == 0; i++) {
            order = compare(elements().get(i), other.elements().get(i));
        }
        return order;
    }

    private static int compare(Value a, Value b) {
        if (a instanceof Str left && b instanceof Str right) {
            return left.compareTo(right);
        }
        if (a instanceof Num left && b instanceof Num right) {
            return left.compareTo(right);
        }
        return a instanceof Listing left && b instanceof Listing right
                ? left.compareTo(right) : a.type().compareTo(b.type());
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
