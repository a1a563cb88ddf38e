package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/** Python's order of values. */
final class Sorting {

    private Sorting() {}

    static List<Value> sorted(List<Value> values, UnaryOperator<Value> key, boolean reverse, Meter meter) {
        List<Keyed> keyed = new ArrayList<>();
        values.forEach(value -> keyed.add(new Keyed(key.apply(value), value)));
        Comparator<Keyed> order = (a, b) -> Operators.order(a.key, b.key, "<", meter);
        try {
            keyed.sort(reverse ? order.reversed() : order);
        } catch (IllegalArgumentException e) {
            throw new ChatTemplateException("values without an order, such as nan, cannot be sorted", e);
        }
        meter.spendElements(keyed.size());
        return new ArrayList<>(keyed.stream().map(Keyed::value).toList());
    }

    private record Keyed(Value key, Value value) {}

    /** The first of the smallest, or of the largest. */
    static Value extreme(List<Value> values, UnaryOperator<Value> key, boolean largest, Meter meter) {
        Value best = values.get(0);
        Value bestKey = key.apply(best);
        for (Value value : values.subList(1, values.size())) {
            Value next = key.apply(value);
            int order = Operators.order(next, bestKey, largest ? ">" : "<", meter);
            if (largest ? order > 0 : order < 0) {
                best = value;
                bestKey = next;
            }
        }
        return best;
    }
}
