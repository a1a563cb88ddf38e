package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The kinds of expressions but for what follows a value. Chains are lists, so that a long one does not nest deeply. */
final class Expressions {

    private Expressions() {}

    record Constant(int line, Value constant) implements Expression {
        @Override
        public Value evaluate(Run run) {
            return constant;
        }

        @Override
        public boolean isConstant() {
            return true;
        }
    }

    record Name(int line, String name) implements Expression {
        @Override
        public Value evaluate(Run run) {
            return run.scope().get(name);
        }
    }

    record ListLiteral(int line, List<Expression> elements) implements Expression {
        @Override
        public Value evaluate(Run run) {
            run.meter().spendValue();
            return Listing.list(values(elements, run));
        }

        @Override
        public boolean isConstant() {
            return allConstant(elements);
        }
    }

    record TupleLiteral(int line, List<Expression> elements) implements Expression {
        @Override
        public Value evaluate(Run run) {
            run.meter().spendValue();
            return Listing.tuple(values(elements, run));
        }

        @Override
        public boolean isConstant() {
            return allConstant(elements);
        }
    }

    static boolean allConstant(List<Expression> expressions) {
        return expressions.stream().allMatch(Expression::isConstant);
    }

    private static boolean isPlain(Value value) {
        return value instanceof Str text && !text.isSafe();
    }

    private static List<Value> values(List<Expression> expressions, Run run) {
        List<Value> values = new ArrayList<>(expressions.size());
        for (Expression expression : expressions) {
            values.add(expression.value(run));
        }
        run.meter().spendElements(values.size());
        return values;
    }

    record DictLiteral(int line, List<Entry> entries) implements Expression {
        @Override
        public Value evaluate(Run run) {
            Map<Value, Value> values = new LinkedHashMap<>();
            run.meter().spendHolder();
            for (Entry entry : entries) {
                Value key = Dict.requireHashable(entry.key.value(run));
                run.meter().spend(key.weight());
                values.put(key, entry.value.value(run));
            }
            run.meter().spendElements(2L * values.size());
            return new Dict(values);
        }

        @Override
        public boolean isConstant() {
            return entries.stream().allMatch(entry -> entry.key.isConstant() && entry.value.isConstant());
        }
    }

    /** A key and a value of a mapping. */
    record Entry(Expression key, Expression value) {}

    record Not(int line, Expression operand) implements Expression {
        @Override
        public Value evaluate(Run run) {
            return Value.of(!operand.value(run).truth());
        }

        @Override
        public boolean isConstant() {
            return operand.isConstant();
        }
    }

    record Signed(int line, String sign, Expression operand) implements Expression {
        @Override
        public Value evaluate(Run run) {
            return Operators.sign(sign, operand.value(run));
        }

        @Override
        public boolean isConstant() {
            return operand.isConstant();
        }
    }

    /** The first operand that is false, or the last. */
    record And(int line, List<Expression> operands) implements Expression {
        @Override
        public Value evaluate(Run run) {
            return decide(operands, run, false);
        }

        @Override
        public boolean isConstant() {
            return allConstant(operands);
        }
    }

    /** The first operand that is true, or the last. */
    record Or(int line, List<Expression> operands) implements Expression {
        @Override
        public Value evaluate(Run run) {
            return decide(operands, run, true);
        }

        @Override
        public boolean isConstant() {
            return allConstant(operands);
        }
    }

    private static Value decide(List<Expression> operands, Run run, boolean decisive) {
        Value value = None.NONE;
        for (Expression operand : operands) {
            value = operand.value(run);
            if (value.truth() == decisive) {
                return value;
            }
        }
        return value;
    }

    record Concatenation(int line, List<Expression> operands) implements Expression {
        @Override
        public Value evaluate(Run run) {
            TextBuilder out = new TextBuilder(run.meter());
            for (Expression operand : operands) {
                operand.value(run).print(out);
            }
            return out.build();
        }

        @Override
        public boolean isConstant() {
            return allConstant(operands);
        }
    }

    /** An operator and what stands to the right of it. */
    record Operation(String operator, Expression operand) {}

    /** Operations of one precedence, from left to right. */
    record Arithmetic(int line, Expression first, List<Operation> operations) implements Expression {
        @Override
        public Value evaluate(Run run) {
            Value value = first.value(run);
            // Texts that are joined one after the other are copied once.
            Optional<TextBuilder> sum = Optional.empty();
            for (Operation operation : operations) {
                Value right = operation.operand.value(run);
                boolean joins = operation.operator.equals("+") && isPlain(right);
                if (joins && sum.isEmpty() && isPlain(value)) {
                    sum = Optional.of(new TextBuilder(run.meter()).append((Str) value));
                }
                if (joins && sum.isPresent()) {
                    sum.get().append((Str) right);
                } else {
                    value = Operators.apply(
                            operation.operator, sum.<Value>map(TextBuilder::build).orElse(value), right, run);
                    sum = Optional.empty();
                }
            }
            return sum.<Value>map(TextBuilder::build).orElse(value);
        }

        @Override
        public boolean isConstant() {
            return first.isConstant() && operations.stream().allMatch(next -> next.operand.isConstant());
        }
    }

    /** Comparisons in a row: all must hold. */
    record Comparison(int line, Expression first, List<Operation> operations) implements Expression {
        @Override
        public Value evaluate(Run run) {
            Value left = first.value(run);
            boolean holds = true;
            for (Operation operation : operations) {
                Value right = operation.operand.value(run);
                holds = Operators.compare(operation.operator, left, right, run.meter());
                if (!holds) {
                    break;
                }
                left = right;
            }
            return Value.of(holds);
        }

        @Override
        public boolean isConstant() {
            return first.isConstant() && operations.stream().allMatch(next -> next.operand.isConstant());
        }
    }

    record Conditional(int line, Expression test, Expression then, Optional<Expression> otherwise)
            implements Expression {
        @Override
        public Value evaluate(Run run) {
            if (test.value(run).truth()) {
                return then.value(run);
            }
            return otherwise.isPresent() ? otherwise.get().value(run) : new Undefined(
                    "the inline if-expression on line " + line + " evaluated to false and no else section was defined");
        }

        @Override
        public boolean isConstant() {
            return test.isConstant() && then.isConstant() && otherwise.filter(Expression::isConstant).isPresent();
        }
    }
}
