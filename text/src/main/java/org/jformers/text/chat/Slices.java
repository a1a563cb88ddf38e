package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.List;

/** Python's slices. */
final class Slices {

    private Slices() {}

    static Value of(Value value, Value start, Value stop, Value step, Meter meter) {
        if (value instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (!(value instanceof Str || value instanceof Listing || value instanceof Range)) {
            return new Undefined(value.describe() + " has no slices");
        }
        int length = value.length();
        long by = step == None.NONE ? 1 : index(step);
        if (by == 0) {
            throw new ChatTemplateException("slice step cannot be zero");
        }
        long from = bound(start, by > 0 ? 0 : length - 1, length, by);
        long to = bound(stop, by > 0 ? length : -1, length, by);
        if (value instanceof Str text && by == 1) {
            return from < to ? text.slice(text.index((int) from), text.index((int) to)) : Str.EMPTY;
        }
        List<Value> elements = value.elements();
        List<Value> picked = new ArrayList<>();
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            picked.add(elements.get((int) i));
        }
        meter.spendElements(picked.size());
        if (value instanceof Str) {
            TextBuilder out = new TextBuilder(meter);
            picked.forEach(character -> character.print(out));
            return out.build();
        }
        return value instanceof Listing list ? list.with(picked) : Listing.list(picked);
    }

    private static long bound(Value bound, long otherwise, int length, long step) {
        if (bound == None.NONE) {
            return otherwise;
        }
        long index = index(bound);
        index = index < 0 ? index + length : index;
        return Math.max(step > 0 ? 0 : -1, Math.min(step > 0 ? length : length - 1, index));
    }

    private static long index(Value value) {
        if (value instanceof Num number && !number.isFloat()) {
            return number.clamped();
        }
        throw new ChatTemplateException("slice indices must be integers or None, got " + value.type());
    }
}
