package org.jformers.text.chat;

/** A part of a template that has a value. */
interface Expression {

    /** The line where it is written. */
    int line();

    /** The value; only {@link #value} calls this. */
    Value evaluate(Run run);

    /** Whether the reference evaluates it when it reads the template. */
    default boolean isConstant() {
        return false;
    }

    /** The value, paid for. */
    default Value value(Run run) {
        int above = run.meter().enter(line());
        Value value = evaluate(run);
        run.meter().leave(above);
        return value;
    }
}
