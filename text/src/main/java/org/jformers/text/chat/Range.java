package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Python's {@code range}. */
final class Range extends Elements {
    /** As in Jinja's sandbox. */
    private static final int LONGEST = 100_000;

    private final String text;

    private Range(List<Value> elements, String text) {
        super(elements);
        this.text = text;
    }

    static Range of(long start, long stop, long step, Meter meter) {
        if (step == 0) {
            throw new ChatTemplateException("range() arg 3 must not be zero");
        }
        double length = Math.ceil(((double) stop - start) / step);
        if (length > LONGEST) {
            throw new ChatTemplateException("range of " + (long) length + " elements, allowed are " + LONGEST);
        }
        List<Value> elements = new ArrayList<>();
        for (long i = 0; i < length; i++) {
            elements.add(Value.of(start + i * step));
        }
        meter.spendElements(elements.size());
        return new Range(elements, "range(" + start + ", " + stop + (step == 1 ? "" : ", " + step) + ")");
    }

    @Override
    String type() {
        return "range";
    }

    @Override
    void repr(TextBuilder out) {
        out.append(text);
    }

    @Override
    Optional<Value> item(Value key) {
        return Listing.at(elements(), key);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Range range && range.elements().equals(elements());
    }

    @Override
    public int hashCode() {
        return elements().hashCode();
    }
}
