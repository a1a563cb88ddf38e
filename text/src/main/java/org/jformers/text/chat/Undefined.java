package org.jformers.text.chat;

import java.util.List;

/** What a name or element that does not exist gives: it prints as nothing, and fails when used otherwise. */
final class Undefined extends Value {
    private final String message;

    Undefined(String message) {
        this.message = message;
    }

    static Undefined name(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    static Undefined of(Value owner, Value key) {
        if (key instanceof Str name) {
            return new Undefined("'" + owner.describe() + "' has no attribute '" + name.string() + "'");
        }
        return new Undefined(owner.describe() + " has no element " + key.text(new Meter(Meter.STEPS)).string());
    }

    /** What the sandbox hides: it is there, but not to be used. */
    static Undefined unsafe(Value owner, String name) {
        return new Undefined("access to attribute '" + name + "' of '" + owner.type() + "' object is unsafe");
    }

    ChatTemplateException failure() {
        return new ChatTemplateException(message);
    }

    @Override
    String type() {
        return "Undefined";
    }

    @Override
    void repr(TextBuilder out) {
        out.append("Undefined");
    }

    @Override
    void print(TextBuilder out) {
        // An undefined value prints as nothing.
    }

    @Override
    boolean truth() {
        return false;
    }

    @Override
    List<Value> elements() {
        return List.of();
    }

    @Override
    boolean isIterable() {
        return true;
    }

    @Override
    int length() {
        return 0;
    }

    @Override
    Value call(Arguments arguments) {
        throw failure();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 7;
    }
}
