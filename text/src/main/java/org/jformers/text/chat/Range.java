package org.jformers.text.chat;

import java.util.AbstractList;
import java.util.List;
import java.util.Optional;

/** Python's {@code range}; its elements are made when they are asked for. */
final class Range extends Value {
    /** As in Jinja's sandbox. */
    private static final int LONGEST = 100_000;

    private final long start;
    private final long stop;
    private final long step;
    private final int length;

    private Range(long start, long stop, long step, int length) {
        this.start = start;
        this.stop = stop;
        this.step = step;
        this.length = length;
    }

    static Range of(long start, long stop, long step) {
        if (step == 0) {
            throw new ChatTemplateException("range() arg 3 must not be zero");
        }
        double length = Math.max(0, Math.ceil(((double) stop - start) / step));
        if (length > LONGEST) {
            throw new ChatTemplateException("range of " + (long) length + " elements, allowed are " + LONGEST);
        }
        return new Range(start, stop, step, (int) length);
    }

    /** The range that Python's slice of this one is; the bounds are within it. */
    Range slice(long from, long to, long by) {
        return of(start + from * step, start + to * step, step * by);
    }

    @Override
    String type() {
        return "range";
    }

    @Override
    boolean truth() {
        return length > 0;
    }

    @Override
    boolean isIterable() {
        return true;
    }

    @Override
    int length() {
        return length;
    }

    @Override
    List<Value> elements() {
        return new AbstractList<>() {
            @Override
            public Value get(int index) {
                return Value.of(start + index * step);
            }

            @Override
            public int size() {
                return length;
            }
        };
    }

    @Override
    long weight() {
        return 1 + length;
    }

    @Override
    boolean contains(Value value) {
        return index(value) >= 0;
    }

    /** Where a value is, or -1. */
    private long index(Value value) {
        if (!(value instanceof Num number) || number.isFloat() && number.real() != Math.rint(number.real())) {
            return -1;
        }
        double index = (number.real() - start) / step;
        return index >= 0 && index < length && index == Math.rint(index) ? (long) index : -1;
    }

    @Override
    void repr(TextBuilder out) {
        out.append("range(" + start + ", " + stop + (step == 1 ? "" : ", " + step) + ")");
    }

    @Override
    Optional<Value> attribute(String name) {
        return switch (name) {
            case "start" -> Optional.of(Value.of(start));
            case "stop" -> Optional.of(Value.of(stop));
            case "step" -> Optional.of(Value.of(step));
            case "count" -> Optional.of(Function.method("range", name, arguments ->
                    Value.of(index(arguments.only(name)) < 0 ? 0L : 1)));
            case "index" -> Optional.of(Function.method("range", name, arguments -> {
                long index = index(arguments.only(name));
                if (index < 0) {
                    throw new ChatTemplateException("range.index: the value is not in the range");
                }
                return Value.of(index);
            }));
            default -> Optional.empty();
        };
    }

    @Override
    Optional<Value> item(Value key) {
        return Listing.at(elements(), key);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Range range && range.length == length
                && (length == 0 || range.start == start && (length == 1 || range.step == step));
    }

    @Override
    public int hashCode() {
        return length == 0 ? 0 : Long.hashCode(start) + 31 * length;
    }
}
