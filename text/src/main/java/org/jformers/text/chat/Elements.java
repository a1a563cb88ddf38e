package org.jformers.text.chat;

import java.util.List;

/** A value that holds values in an order. */
abstract class Elements extends Value {
    private final List<Value> elements;
    private final int depth;
    private final long weight;

    Elements(List<Value> elements) {
        this.elements = elements;
        depth = depthOver(elements);
        weight = weightOver(elements);
    }

    @Override
    List<Value> elements() {
        return elements;
    }

    @Override
    boolean isIterable() {
        return true;
    }

    @Override
    boolean truth() {
        return !elements.isEmpty();
    }

    @Override
    int length() {
        return elements.size();
    }

    @Override
    int depth() {
        return depth;
    }

    @Override
    long weight() {
        return weight;
    }

    /** Appends the representations of all elements, separated by commas. */
    final void reprElements(TextBuilder out) {
        String separator = "";
        for (Value element : elements) {
            out.append(separator);
            element.repr(out);
            separator = ", ";
        }
    }
}
