package org.jformers.text.chat;

/** Python's {@code None}. */
final class None extends Value {
    static final None NONE = new None();

    private None() {}

    @Override
    String type() {
        return "NoneType";
    }

    @Override
    void repr(TextBuilder out) {
        out.append("None");
    }

    @Override
    boolean truth() {
        return false;
    }

    @Override
    String describe() {
        return "None";
    }
}
