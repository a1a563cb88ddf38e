package org.jformers.text.chat;

import java.util.List;

/** What a name or element that does not exist gives: it prints as nothing, and fails when used otherwise. */
final class Undefined extends Value {
    /** As much as a message shows of a name, which may be a text of any length. */
    private static final int SHOWN = 200;

    private static final String NAME = "'%s' is undefined";
    private static final String ATTRIBUTE = "'%2$s object' has no attribute '%1$s'";
    private static final String ELEMENT = "%2$s object has no element %1$s";
    private static final String UNSAFE = "access to attribute '%s' of '%s' object is unsafe";

    // The message is put together when it is needed: most undefined values end without one.
    private final String format;
    private final String name;
    private final String owner;

    private Undefined(String format, String name, String owner) {
        this.format = format;
        this.name = name;
        this.owner = owner;
    }

    Undefined(String message) {
        this("%s", message, "");
    }

    static Undefined name(String name) {
        return new Undefined(NAME, name, "");
    }

    static Undefined of(Value owner, Value key) {
        if (key instanceof Str name) {
            return new Undefined(ATTRIBUTE, name.string(), owner.type());
        }
        return new Undefined(ELEMENT, key instanceof Num number && number.cost() == 1 ? number.toString() : key.type(),
                owner.type());
    }

    /** What the sandbox hides: it is there, but not to be used. */
    static Undefined unsafe(Value owner, String name) {
        return new Undefined(UNSAFE, name, owner.type());
    }

    ChatTemplateException failure() {
        return new ChatTemplateException(String.format(
                format, name.length() > SHOWN ? name.substring(0, SHOWN) + "..." : name, owner));
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
