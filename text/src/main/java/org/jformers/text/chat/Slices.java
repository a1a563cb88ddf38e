package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.List;

/** Python's slices. */
final class Slices {
    private Slices() {}

    static boolean canSlice(Value value) {
        return value instanceof Str || value instanceof Listing || value instanceof Range || value instanceof Bytes;
    }

    static Value of(Value value, Value start, Value stop, Value step, Meter meter) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (!canSlice(value)) {
            throw new ChatTemplateException("'" + value.type() + "' object has no slices");
        }
        int length = value.length();
        long by = step == None.NONE ? 1 : index(step);
        if (by == 0) {
            throw new ChatTemplateException("slice step cannot be zero");
        }
        long from = bound(start, by > 0 ? 0 : length - 1, length, by);
        long to = bound(stop, by > 0 ? length : -1, length, by);
        if (value instanceof Range range) {
            return range.slice(from, to, by);
        }
        if (value instanceof Str text) {
            meter.spendValue();
            meter.spend(text.scan() / 2);
            return slice(text, from, to, by, meter).as(text);
        }
        if (by == 1 && from == 0 && to == length && value instanceof Listing list && list.isTuple()) {
            return list;
        }
        List<Value> elements = value.elements();
        List<Value> picked = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            picked.add(elements.get((int) i));
        }
        meter.spendElements(picked.size());
        return value instanceof Listing list ? list.with(picked) : ((Bytes) value).with(picked);
    }

    private static Str slice(Str text, long from, long to, long by, Meter meter) {
        if (by == 1) {
            meter.spendScan(Math.max(0, to - from));
            return from < to ? text.slice(text.index((int) from), text.index((int) to)) : Str.EMPTY;
        }
        meter.spendElements(2L * text.string().length());
        List<Value> elements = text.elements();
        TextBuilder out = new TextBuilder(meter);
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            elements.get((int) i).print(out);
        }
        return out.build();
    }

    private static long bound(Value bound, long otherwise, int length, long step) {
        if (bound == None.NONE) {
            return otherwise;
        }
        long index = index(bound);
        index = index < 0 ? index + length : index;
        return Math.max(step > 0 ? 0 : -1, Math.min(step > 0 ? length : length - 1, index));
    }

    /** A bound as methods take it: a negative one counts from the end, and one beyond an end is that end. */
    static int clip(int bound, int length) {
        return bound < 0 ? Math.max(0, bound + length) : Math.min(bound, length);
    }

    private static long index(Value value) {
        if (value instanceof Num number && !number.isFloat()) {
            return number.clamped();
        }
        throw value instanceof Undefined ? new ChatTemplateException("slice indices must be integers or None")
                : new ChatTemplateException("slice indices must be integers or None, got " + value.type());
    }
}
