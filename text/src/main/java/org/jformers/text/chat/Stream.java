package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A Python generator: it makes its elements when they are asked for, and each but once. It has no length and is always
 * true.
 */
final class Stream extends Value {
    /** Java calls that one stream within another takes, see {@link Meter#DEPTH}. */
    private static final int CALLS = 8;

    private final String name;
    private final Meter meter;
    private final Iterator<Value> rest;

    private Stream(String name, Meter meter, Iterator<Value> rest) {
        this.name = name;
        this.meter = meter;
        this.rest = rest;
    }

    /**
     * Elements of an iterator that is made, and may fail, when the first is asked for.
     *
     * @param name what Python shows of it: {@code generator object sync_do_map}
     */
    static Stream of(String name, Meter meter, Supplier<Iterator<Value>> elements) {
        meter.spendHolder();
        return new Stream(name, meter, new Iterator<>() {
            private @Nullable Iterator<Value> started;

            @Override
            public boolean hasNext() {
                meter.deeper(CALLS);
                boolean more = started().hasNext();
                meter.higher(CALLS);
                return more;
            }

            @Override
            public Value next() {
                meter.spendElements(1);
                meter.deeper(CALLS);
                Value value = started().next();
                meter.higher(CALLS);
                return value;
            }

            private Iterator<Value> started() {
                if (started == null) {
                    started = elements.get();
                }
                return started;
            }
        });
    }

    @Override
    String type() {
        return "generator";
    }

    @Override
    Iterator<Value> iterator() {
        return rest;
    }

    @Override
    List<Value> elements() {
        List<Value> elements = new ArrayList<>();
        rest.forEachRemaining(element -> {
            meter.spendElements(1);
            elements.add(element);
        });
        return elements;
    }

    @Override
    boolean isIterable() {
        return true;
    }

    @Override
    void repr(TextBuilder out) {
        out.append("<" + name + " at " + ADDRESS + ">");
    }
}
