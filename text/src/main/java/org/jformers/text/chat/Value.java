package org.jformers.text.chat;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * A value of a template, behaving as its counterpart in Python. {@code equals} and {@code hashCode} are those of
 * Python, so that {@code 1}, {@code 1.0} and {@code true} are one key.
 */
abstract class Value {
    /** How deep lists and mappings may nest; what walks through them recursively fits the stack. */
    static final int DEPTH = 100;

    /** Elements that a list or mapping may have, those within counted as often as they occur. */
    static final long WEIGHT = 4_000_000;

    /** Where a value is in memory, which Python shows of some; here all are at one place. */
    static final String ADDRESS = "0x7f0000000000";

    /** Python's name of the type. */
    abstract String type();

    /** Appends what {@code repr} shows. */
    abstract void repr(TextBuilder out);

    /** Appends what {@code str} shows. */
    void print(TextBuilder out) {
        repr(out);
    }

    boolean truth() {
        return true;
    }

    /** A method or property, as {@code value.name} finds it before it looks for an element. */
    Optional<Value> attribute(String name) {
        return Optional.empty();
    }

    /** An element, as {@code value[key]} finds it. */
    Optional<Value> item(Value key) {
        return Optional.empty();
    }

    /** What a loop goes through; a stream gives each element but once. */
    Iterator<Value> iterator() {
        return elements().iterator();
    }

    /** What a loop goes through, all at once. */
    List<Value> elements() {
        throw new ChatTemplateException("'" + type() + "' object is not iterable");
    }

    boolean isIterable() {
        return false;
    }

    int length() {
        throw new ChatTemplateException("object of type '" + type() + "' has no len()");
    }

    Value call(Arguments arguments) {
        throw new ChatTemplateException("'" + type() + "' object is not callable");
    }

    boolean isCallable() {
        return false;
    }

    /** Whether it is in this value, as the operator {@code in} asks. */
    boolean contains(Value value) {
        return elements().contains(value);
    }

    boolean isHashable() {
        return true;
    }

    /** Nesting of lists and mappings below this one. */
    int depth() {
        return 0;
    }

    /** Number of values within, this one included. */
    long weight() {
        return 1;
    }

    /** How an error calls it. */
    String describe() {
        return type() + " object";
    }

    final Str text(Meter meter) {
        if (this instanceof Str text) {
            return text;
        }
        TextBuilder out = new TextBuilder(meter);
        print(out);
        return out.build();
    }

    /** A value's counterpart of a Java flag. */
    static Value of(boolean flag) {
        return flag ? Num.TRUE : Num.FALSE;
    }

    static Value of(long number) {
        return Num.of(number);
    }

    /** The depth of a container of these, checked. */
    static int depthOver(Iterable<Value> values) {
        int depth = 0;
        for (Value value : values) {
            depth = Math.max(depth, value.depth() + 1);
        }
        if (depth > DEPTH) {
            throw new ChatTemplateException("lists and mappings nest deeper than " + DEPTH);
        }
        return depth;
    }

    /** The weight of a container of these, checked. */
    static long weightOver(Iterable<Value> values) {
        long weight = 1;
        for (Value value : values) {
            weight += value.weight();
        }
        if (weight > WEIGHT) {
            throw new ChatTemplateException("a list or mapping has more than " + WEIGHT + " elements");
        }
        return weight;
    }
}
