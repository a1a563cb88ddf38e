package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jformers.text.chat.Postfix.CallArguments;
import org.jformers.text.chat.Postfix.Step;

/** Reads expressions, from what binds least to what binds most. */
final class ExpressionParser {
    private static final Set<String> AFTER_TEST = Set.of("else", "or", "and");

    private final TokenReader in;
    private final Consumer<String> names;
    /** Slices read so far. */
    private int slices;

    /** @param names is told every name that is read */
    ExpressionParser(TokenReader in, Consumer<String> names) {
        this.in = in;
        this.names = names;
    }

    Expression expression() {
        in.deeper();
        int line = in.line();
        int before = slices;
        Expression first = or();
        int conditions = 0;
        while (in.skipName("if")) {
            Expression test = or();
            Optional<Expression> otherwise = in.skipName("else") ? Optional.of(expression()) : Optional.empty();
            first = new Expressions.Conditional(line, test, first, otherwise);
            in.deeper();
            conditions++;
        }
        for (int i = 0; i <= conditions; i++) {
            in.higher();
        }
        return folded(line, first, before);
    }

    private Expression folded(int line, Expression expression, int slicesBefore) {
        return slices > slicesBefore && expression.isConstant() ? new Folded(line, expression, false) : expression;
    }

    /** What is printed: one expression, or a tuple of several separated by commas. */
    Expression printed() {
        Expression expression = tuple();
        return expression instanceof Folded folded ? new Folded(folded.line(), folded.expression(), true) : expression;
    }

    /** One expression, or a tuple of several separated by commas. */
    Expression tuple(Supplier<Expression> element, boolean mayBeEmpty) {
        int line = in.line();
        int before = slices;
        List<Expression> elements = new ArrayList<>();
        boolean several = false;
        while (!endsTuple()) {
            elements.add(element.get());
            if (!in.isOperator(",")) {
                break;
            }
            several = true;
            in.next();
        }
        if (!several && elements.size() == 1) {
            return elements.get(0);
        }
        if (!several && !mayBeEmpty) {
            throw in.failure("expected an expression, got " + in.current().describe());
        }
        return folded(line, new Expressions.TupleLiteral(line, elements), before);
    }

    Expression tuple() {
        return tuple(this::expression, false);
    }

    private boolean endsTuple() {
        return in.is(Token.Type.VARIABLE_END) || in.is(Token.Type.BLOCK_END) || in.isOperator(")");
    }

    /** An expression without a condition behind it. */
    Expression or() {
        return chains(Level.OR);
    }

    /** Operators by how much they bind, those that bind least first. */
    private enum Level {
        OR,
        AND,
        NOT,
        COMPARISON,
        SUM,
        CONCATENATION,
        PRODUCT,
        POWER,
        OPERAND
    }

    /** Operands with operators of a level or of those that bind more; one call deep for each pair of brackets. */
    private Expression chains(Level least) {
        in.deeper();
        int line = in.line();
        int before = slices;
        Expression left = least.compareTo(Level.NOT) <= 0 && in.isName("not") ? not() : unary(true);
        for (Level level = level(); level.compareTo(least) >= 0 && level != Level.OPERAND; level = level()) {
            left = chain(level, line, left);
        }
        in.higher();
        return folded(line, left, before);
    }

    private Expression chain(Level level, int line, Expression first) {
        Level above = Level.values()[level.ordinal() + 1];
        List<Expression> operands = new ArrayList<>(List.of(first));
        List<Expressions.Operation> operations = new ArrayList<>();
        while (level() == level) {
            String operator = operator();
            Expression operand = chains(above);
            operands.add(operand);
            operations.add(new Expressions.Operation(operator, operand));
        }
        return switch (level) {
            case OR -> new Expressions.Or(line, operands);
            case AND -> new Expressions.And(line, operands);
            case COMPARISON -> new Expressions.Comparison(line, first, operations);
            case CONCATENATION -> new Expressions.Concatenation(line, operands);
            case POWER -> power(line, first, operations);
            default -> new Expressions.Arithmetic(line, first, operations);
        };
    }

    /**
     * A chain of powers. The reference writes a constant down as Python's code, and there a sign binds less than the
     * power does: with a variable as its exponent, -2 ** n is -(2 ** n), whatever brackets are around the -2.
     */
    private static Expression power(int line, Expression first, List<Expressions.Operation> operations) {
        Optional<Num> base = number(first);
        if (base.filter(NumberText::isNegative).isEmpty() || operations.get(0).operand().isConstant()) {
            return new Expressions.Arithmetic(line, first, operations);
        }
        Expression positive = new Expressions.Constant(line, Operators.sign("-", base.get()));
        Expression signed = new Expressions.Signed(
                line, "-", new Expressions.Arithmetic(line, positive, operations.subList(0, 1)));
        return operations.size() == 1 ? signed
                : new Expressions.Arithmetic(line, signed, operations.subList(1, operations.size()));
    }

    /** A number that is written with signs before it. */
    private static Optional<Num> number(Expression expression) {
        if (expression instanceof Expressions.Signed signed) {
            return number(signed.operand()).map(number -> (Num) Operators.sign(signed.sign(), number));
        }
        return expression instanceof Expressions.Constant constant && constant.constant() instanceof Num number
                ? Optional.of(number) : Optional.empty();
    }

    private Expression not() {
        int line = in.line();
        int count = 0;
        while (in.skipName("not")) {
            count++;
        }
        Expression operand = new Expressions.Not(line, chains(Level.COMPARISON));
        return count % 2 == 0 ? new Expressions.Not(line, operand) : operand;
    }

    /** The level of the operator that comes next; that of an operand if there is none. */
    private Level level() {
        Token token = in.current();
        String text = token.text();
        if (token.type() == Token.Type.NAME) {
            boolean in = text.equals("in") || text.equals("not") && this.in.following().isName("in");
            return text.equals("or")
                    ? Level.OR
                    : text.equals("and") ? Level.AND : in ? Level.COMPARISON : Level.OPERAND;
        }
        if (token.type() != Token.Type.OPERATOR) {
            return Level.OPERAND;
        }
        return switch (text) {
            case "==", "!=", "<", "<=", ">", ">=" -> Level.COMPARISON;
            case "+", "-" -> Level.SUM;
            case "~" -> Level.CONCATENATION;
            case "*", "/", "//", "%" -> Level.PRODUCT;
            case "**" -> Level.POWER;
            default -> Level.OPERAND;
        };
    }

    private String operator() {
        String operator = in.next().text();
        return operator.equals("not") && in.skipName("in") ? "not in" : operator;
    }

    private Expression unary(boolean withFilters) {
        int line = in.line();
        int before = slices;
        Expression base;
        if (in.isOperator("-") || in.isOperator("+")) {
            String sign = in.next().text();
            in.deeper();
            base = new Expressions.Signed(line, sign, unary(false));
            in.higher();
        } else {
            base = primary();
        }
        List<Step> steps = new ArrayList<>();
        postfix(steps);
        if (withFilters) {
            filters(steps);
        }
        return steps.isEmpty() ? base : folded(line, new Postfix(line, base, steps), before);
    }

    private void postfix(List<Step> steps) {
        while (true) {
            if (in.skipOperator(".")) {
                steps.add(member());
            } else if (in.skipOperator("[")) {
                steps.add(subscript());
            } else if (in.isOperator("(")) {
                steps.add(new Postfix.Call(arguments()));
            } else {
                return;
            }
        }
    }

    private void filters(List<Step> steps) {
        while (true) {
            if (in.skipOperator("|")) {
                steps.add(filter());
            } else if (in.skipName("is")) {
                steps.add(test());
            } else if (in.isOperator("(")) {
                steps.add(new Postfix.Call(arguments()));
            } else {
                return;
            }
        }
    }

    /** One or more filters in a row, the first without a bar before it. */
    List<Step> filterChain() {
        List<Step> steps = new ArrayList<>(List.of(filter()));
        while (in.skipOperator("|")) {
            steps.add(filter());
        }
        return steps;
    }

    private Step filter() {
        String name = dottedName();
        return new Postfix.Filter(name, in.isOperator("(") ? arguments() : CallArguments.NONE);
    }

    private String dottedName() {
        StringBuilder name = new StringBuilder(in.expectName());
        while (in.skipOperator(".")) {
            name.append('.').append(in.expectName());
        }
        return name.toString();
    }

    private Step test() {
        boolean expected = !in.skipName("not");
        String name = dottedName();
        CallArguments arguments = CallArguments.NONE;
        if (in.isOperator("(")) {
            arguments = arguments();
        } else if (startsArgument()) {
            if (in.isName("is")) {
                throw in.failure("tests with 'is' cannot be chained");
            }
            int line = in.line();
            Expression base = primary();
            List<Step> steps = new ArrayList<>();
            postfix(steps);
            Expression argument = steps.isEmpty() ? base : new Postfix(line, base, steps);
            arguments = new CallArguments(List.of(argument), List.of(), Optional.empty(), Optional.empty());
        }
        return new Postfix.Test(name, arguments, expected);
    }

    private boolean startsArgument() {
        Token token = in.current();
        return switch (token.type()) {
            case STRING, NUMBER -> true;
            case NAME -> !AFTER_TEST.contains(token.text());
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            default -> false;
        };
    }

    private Step member() {
        if (in.is(Token.Type.NUMBER) && in.current().number() instanceof Num number && !number.isFloat()) {
            return new Postfix.Item(new Expressions.Constant(in.line(), in.next().number()));
        }
        return new Postfix.Attribute(in.expectName());
    }

    private Step subscript() {
        int line = in.line();
        List<Expression> keys = new ArrayList<>();
        while (!in.isOperator("]")) {
            Optional<Expression> start = in.isOperator(":") ? Optional.empty() : Optional.of(expression());
            if (in.isOperator(":")) {
                return slice(start);
            }
            keys.add(start.get());
            if (!in.isOperator("]")) {
                in.expectOperator(",");
            }
        }
        in.next();
        return new Postfix.Item(keys.size() == 1 ? keys.get(0) : new Expressions.TupleLiteral(line, keys));
    }

    private Step slice(Optional<Expression> start) {
        slices++;
        in.expectOperator(":");
        Optional<Expression> stop = slicePart();
        Optional<Expression> step = in.skipOperator(":") ? slicePart() : Optional.empty();
        in.expectOperator("]");
        return new Postfix.Slice(start, stop, step);
    }

    private Optional<Expression> slicePart() {
        return in.isOperator(":") || in.isOperator("]") ? Optional.empty() : Optional.of(expression());
    }

    private CallArguments arguments() {
        in.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        List<Postfix.Named> named = new ArrayList<>();
        Optional<Expression> more = Optional.empty();
        Optional<Expression> moreNamed = Optional.empty();
        while (!in.isOperator(")")) {
            boolean ordered = true;
            if (in.skipOperator("*")) {
                ordered = more.isEmpty() && moreNamed.isEmpty();
                more = Optional.of(expression());
            } else if (in.skipOperator("**")) {
                ordered = moreNamed.isEmpty();
                moreNamed = Optional.of(expression());
            } else if (in.is(Token.Type.NAME) && in.following().isOperator("=")) {
                ordered = moreNamed.isEmpty();
                String name = in.next().text();
                in.next();
                named.add(new Postfix.Named(name, expression()));
            } else {
                ordered = more.isEmpty() && moreNamed.isEmpty() && named.isEmpty();
                positional.add(expression());
            }
            if (!ordered) {
                throw in.failure("the arguments of a call are in a wrong order");
            }
            if (!in.isOperator(")")) {
                in.expectOperator(",");
            }
        }
        in.next();
        return new CallArguments(positional, named, more, moreNamed);
    }

    /** A name or a literal. */
    Expression primary() {
        int line = in.line();
        Token token = in.next();
        switch (token.type()) {
            case NAME:
                return name(token);
            case NUMBER:
                return new Expressions.Constant(line, token.number());
            case STRING:
                StringBuilder text = new StringBuilder(token.text());
                while (in.is(Token.Type.STRING)) {
                    text.append(in.next().text());
                }
                return new Expressions.Constant(line, Str.of(text.toString()));
            case OPERATOR:
                if (token.text().equals("(")) {
                    Expression inner = tuple(this::expression, true);
                    in.expectOperator(")");
                    return inner;
                }
                if (token.text().equals("[")) {
                    return new Expressions.ListLiteral(line, list());
                }
                if (token.text().equals("{")) {
                    return new Expressions.DictLiteral(line, entries());
                }
                break;
            default:
                break;
        }
        throw new ChatTemplateException("line " + line + ": unexpected " + token.describe());
    }

    private Expression name(Token token) {
        switch (token.text()) {
            case "true", "True":
                return new Expressions.Constant(token.line(), Num.TRUE);
            case "false", "False":
                return new Expressions.Constant(token.line(), Num.FALSE);
            case "none", "None":
                return new Expressions.Constant(token.line(), None.NONE);
            default:
                names.accept(token.text());
                return new Expressions.Name(token.line(), token.text());
        }
    }

    private List<Expression> list() {
        List<Expression> elements = new ArrayList<>();
        while (!in.skipOperator("]")) {
            elements.add(expression());
            if (!in.isOperator("]")) {
                in.expectOperator(",");
            }
        }
        return elements;
    }

    private List<Expressions.Entry> entries() {
        List<Expressions.Entry> entries = new ArrayList<>();
        while (!in.skipOperator("}")) {
            Expression key = expression();
            in.expectOperator(":");
            entries.add(new Expressions.Entry(key, expression()));
            if (!in.isOperator("}")) {
                in.expectOperator(",");
            }
        }
        return entries;
    }
}
