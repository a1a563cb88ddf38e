package org.jformers.text.chat;

/** Something built in that a template can call. */
final class Function extends Value {
    /** The type of a method's owner; empty for what is shown by its name alone. */
    private final String owner;
    private final String name;
    private final Body body;

    /** What happens on a call. */
    interface Body {
        Value call(Arguments arguments);
    }

    private Function(String owner, String name, Body body) {
        this.owner = owner;
        this.name = name;
        this.body = body;
    }

    /** A method of a type of Python's own. */
    static Function method(String type, String name, Body body) {
        return new Function(type, name, body);
    }

    /** A function, shown as Python shows it. */
    static Function shownAs(String shown, Body body) {
        return new Function("", shown, body);
    }

    @Override
    String type() {
        return "function";
    }

    @Override
    void repr(TextBuilder out) {
        out.append(owner.isEmpty() ? name
                : "<built-in method " + name + " of " + owner + " object at " + ADDRESS + ">");
    }

    @Override
    Value call(Arguments arguments) {
        return body.call(arguments);
    }

    @Override
    boolean isCallable() {
        return true;
    }
}
