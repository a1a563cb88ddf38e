package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;

/** Python's order of values. */
final class Sorting {

    private Sorting() {}

    static List<Value> sorted(List<Value> values, UnaryOperator<Value> key, boolean reverse, Meter meter) {
        meter.spendElements(2L * values.size());
        List<Keyed> keyed = new ArrayList<>();
        values.forEach(value -> keyed.add(new Keyed(key.apply(value), value)));
        Comparator<Keyed> order = (a, b) -> Operators.order(a.key, b.key, "<", meter);
        try {
            keyed.sort(reverse ? order.reversed() : order);
        } catch (IllegalArgumentException e) {
            throw new ChatTemplateException("values without an order, such as nan, cannot be sorted", e);
        }
        return new ArrayList<>(keyed.stream().map(Keyed::value).toList());
    }

    private record Keyed(Value key, Value value) {}

    /** The first of the smallest, or of the largest. */
    static Value extreme(Iterator<Value> values, UnaryOperator<Value> key, boolean largest, Meter meter) {
        Value best = values.next();
        Value bestKey = key.apply(best);
        while (values.hasNext()) {
            Value value = values.next();
            Value next = key.apply(value);
            meter.spend(2);
            if (Operators.compare(largest ? ">" : "<", next, bestKey, meter)) {
                best = value;
                bestKey = next;
            }
        }
        return best;
    }
}
