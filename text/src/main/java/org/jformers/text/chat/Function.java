package org.jformers.text.chat;

/** Something built in that a template can call. */
final class Function extends Value {
    private final String name;
    private final Body body;

    /** What happens on a call. */
    interface Body {
        Value call(Arguments arguments);
    }

    Function(String name, Body body) {
        this.name = name;
        this.body = body;
    }

    @Override
    String type() {
        return "function";
    }

    @Override
    void repr(TextBuilder out) {
        out.append("<function " + name + ">");
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
