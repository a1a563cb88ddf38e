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
            return Listing.list(values(elements, run));
        }
    }

    record TupleLiteral(int line, List<Expression> elements) implements Expression {
        @Override
        public Value evaluate(Run run) {
            return Listing.tuple(values(elements, run));
        }
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
            for (Entry entry : entries) {
                Value key = entry.key.value(run);
                if (!key.isHashable()) {
                    throw new ChatTemplateException("unhashable type: '" + key.type() + "'");
                }
                values.put(key, entry.value.value(run));
            }
            run.meter().spendElements(values.size());
            return new Dict(values);
        }
    }

    /** A key and a value of a mapping. */
    record Entry(Expression key, Expression value) {}

    record Not(int line, Expression operand) implements Expression {
        @Override
        public Value evaluate(Run run) {
            return Value.of(!operand.value(run).truth());
        }
    }

    record Signed(int line, String sign, Expression operand) implements Expression {
        @Override
        public Value evaluate(Run run) {
            return Operators.sign(sign, operand.value(run));
        }
    }

    /** The first operand that is false, or the last. */
    record And(int line, List<Expression> operands) implements Expression {
        @Override
        public Value evaluate(Run run) {
            return decide(operands, run, false);
        }
    }

    /** The first operand that is true, or the last. */
    record Or(int line, List<Expression> operands) implements Expression {
        @Override
        public Value evaluate(Run run) {
            return decide(operands, run, true);
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
    }

    /** An operator and what stands to the right of it. */
    record Operation(String operator, Expression operand) {}

    /** Operations of one precedence, from left to right. */
    record Arithmetic(int line, Expression first, List<Operation> operations) implements Expression {
        @Override
        public Value evaluate(Run run) {
            Value value = first.value(run);
            for (Operation operation : operations) {
                value = Operators.apply(operation.operator, value, operation.operand.value(run), run);
            }
            return value;
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
    }
}
