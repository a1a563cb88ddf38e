package org.jformers.text.chat;

import java.util.Map;

/**
 * A constant expression with a slice in it. The reference evaluates constants when it reads the template, and there a
 * slice of what has none, such as a number, is an undefined value; only when it renders it is an error. What was
 * evaluated counts if it could be written down again, or is printed at once.
 *
 * @param printed whether the value is printed as it is
 */
record Folded(int line, Expression expression, boolean printed) implements Expression {
    @Override
    public Value evaluate(Run run) {
        if (run.isLenient()) {
            boolean missed = run.missedSlice();
            Value value = expression.value(run);
            resolve(value, missed, run);
            return value;
        }
        Value[] value = new Value[1];
        if (run.missesSlice(() -> value[0] = expression.value(run)) && !printed && !isLiteral(value[0])) {
            throw new ChatTemplateException("a slice was taken of what has no slices");
        }
        return value[0];
    }

    @Override
    public boolean isConstant() {
        return true;
    }

    /** Takes back that a slice was missed in what has come to a value that can be written down. */
    static void resolve(Value value, boolean missedBefore, Run run) {
        if (run.missedSlice() && !missedBefore && isLiteral(value)) {
            run.missSlice(false);
        }
    }

    private static boolean isLiteral(Value value) {
        if (value instanceof Listing list) {
            return list.elements().stream().allMatch(Folded::isLiteral);
        }
        if (value instanceof Dict dict) {
            for (Map.Entry<Value, Value> entry : dict.entries().entrySet()) {
                if (!isLiteral(entry.getKey()) || !isLiteral(entry.getValue())) {
                    return false;
                }
            }
            return true;
        }
        return value instanceof Str || value instanceof Num || value == None.NONE || value instanceof Range;
    }
}
