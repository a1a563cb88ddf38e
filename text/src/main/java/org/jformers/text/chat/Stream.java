package org.jformers.text.chat;

import java.util.List;

/** A Python generator: it has no length, is always true, and is empty after it was gone through once. */
final class Stream extends Elements {
    private boolean used;

    Stream(List<Value> elements) {
        super(elements);
    }

    @Override
    String type() {
        return "generator";
    }

    @Override
    boolean truth() {
        return true;
    }

    @Override
    int length() {
        throw new ChatTemplateException("object of type 'generator' has no len()");
    }

    @Override
    List<Value> elements() {
        List<Value> rest = used ? List.of() : super.elements();
        used = true;
        return rest;
    }

    @Override
    void repr(TextBuilder out) {
        out.append("<generator object>");
    }
}
