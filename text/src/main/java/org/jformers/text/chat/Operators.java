package org.jformers.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** Python's operators. */
final class Operators {
    private static final MathContext QUOTIENT = new MathContext(60);

    private Operators() {}

    static Value sign(String sign, Value value) {
        if (!(value instanceof Num number)) {
            throw unsupported(sign, value, value);
        }
        if (sign.equals("+")) {
            return number.isFloat() ? number : Num.of(number.whole());
        }
        return number.isFloat() ? Num.of(-number.real()) : Num.of(number.whole().negate());
    }

    static Value apply(String operator, Value left, Value right, Run run) {
        if (left instanceof Num a && right instanceof Num b) {
            return numbers(operator, a, b);
        }
        if (operator.equals("%") && left instanceof Str format) {
            return PercentFormat.format(format, right, run.meter());
        }
        if (operator.equals("+") && left instanceof Str && right instanceof Str) {
            TextBuilder out = new TextBuilder(run.meter());
            left.print(out);
            right.print(out);
            return out.build();
        }
        if (operator.equals("+") && left instanceof Listing a && right instanceof Listing b
                && a.isTuple() == b.isTuple()) {
            List<Value> both = new ArrayList<>(a.elements());
            both.addAll(b.elements());
            run.meter().spendElements(both.size());
            return a.with(both);
        }
        if (operator.equals("*") && right instanceof Num times && !times.isFloat()) {
            return repeated(left, times, right, run.meter());
        }
        if (operator.equals("*") && left instanceof Num times && !times.isFloat()) {
            return repeated(right, times, left, run.meter());
        }
        throw unsupported(operator, left, right);
    }

    private static Value repeated(Value value, Num times, Value other, Meter meter) {
        int count = Math.max(0, times.clamped());
        if (value instanceof Str text) {
            return new TextBuilder(meter).repeat(text, count).build();
        }
        if (value instanceof Listing list) {
            meter.spendElements((long) list.length() * count);
            List<Value> all = new ArrayList<>();
            for (int i = 0; i < count && list.length() > 0; i++) {
                all.addAll(list.elements());
            }
            return list.with(all);
        }
        throw unsupported("*", value, other);
    }

    private static ChatTemplateException unsupported(String operator, Value left, Value right) {
        if (left instanceof Undefined undefined) {
            return undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            return undefined.failure();
        }
        return new ChatTemplateException("unsupported operand type(s) for " + operator + ": '" + left.type()
                + "' and '" + right.type() + "'");
    }

    private static Value numbers(String operator, Num a, Num b) {
        boolean divides = operator.equals("/") || operator.equals("//") || operator.equals("%");
        if (divides && !b.truth()) {
            throw new ChatTemplateException("division by zero");
        }
        if (operator.equals("**")) {
            return power(a, b);
        }
        return a.isFloat() || b.isFloat()
                ? reals(operator, a.real(), b.real())
                : wholes(operator, a.whole(), b.whole());
    }

    private static Value wholes(String operator, BigInteger a, BigInteger b) {
        return switch (operator) {
            case "+" -> Num.of(a.add(b));
            case "-" -> Num.of(a.subtract(b));
            case "*" -> Num.of(a.multiply(b));
            case "/" -> Num.of(new BigDecimal(a).divide(new BigDecimal(b), QUOTIENT).doubleValue());
            case "//" -> Num.of(floorDivide(a, b));
            default -> Num.of(a.subtract(floorDivide(a, b).multiply(b)));
        };
    }

    private static BigInteger floorDivide(BigInteger a, BigInteger b) {
        BigInteger[] parts = a.divideAndRemainder(b);
        boolean below = parts[1].signum() != 0 && parts[1].signum() != b.signum();
        return below ? parts[0].subtract(BigInteger.ONE) : parts[0];
    }

    private static Value reals(String operator, double a, double b) {
        return switch (operator) {
            case "+" -> Num.of(a + b);
            case "-" -> Num.of(a - b);
            case "*" -> Num.of(a * b);
            case "/" -> Num.of(a / b);
            case "//" -> Num.of(floorDivide(a, b));
            default -> Num.of(modulo(a, b));
        };
    }

    private static double modulo(double a, double b) {
        double rest = a % b;
        if (rest == 0) {
            return Math.copySign(0.0, b);
        }
        return rest < 0 != b < 0 ? rest + b : rest;
    }

    private static double floorDivide(double a, double b) {
        double quotient = (a - modulo(a, b)) / b;
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static Value power(Num a, Num b) {
        if (a.isFloat() || b.isFloat() || b.whole().signum() < 0) {
            if (a.real() == 0 && b.real() < 0) {
                throw new ChatTemplateException("0.0 cannot be raised to a negative power");
            }
            double result = Math.pow(a.real(), b.real());
            if (Double.isInfinite(result) && !Double.isInfinite(a.real()) && !Double.isInfinite(b.real())) {
                throw new ChatTemplateException("the result of ** is too large");
            }
            return Num.of(result);
        }
        boolean unit = a.whole().abs().compareTo(BigInteger.ONE) <= 0;
        if (!unit && (long) b.clamped() * (a.whole().bitLength() - 1) > Num.BITS) {
            throw new ChatTemplateException("a whole number has more than 4300 digits");
        }
        return Num.of(a.whole().pow(unit ? b.whole().testBit(0) ? 1 : 2 * b.whole().signum() : b.clamped()));
    }

    static boolean compare(String operator, Value left, Value right, Meter meter) {
        meter.spend(Math.min(left.weight(), right.weight()));
        return switch (operator) {
            case "==" -> left.equals(right);
            case "!=" -> !left.equals(right);
            case "in" -> contains(right, left, meter);
            case "not in" -> !contains(right, left, meter);
            default -> ordered(operator, left, right, meter);
        };
    }

    static boolean contains(Value container, Value value, Meter meter) {
        meter.spend(container.weight());
        return container.contains(value);
    }

    private static boolean ordered(String operator, Value left, Value right, Meter meter) {
        if (left instanceof Num a && a.isNan() || right instanceof Num b && b.isNan()) {
            return false;
        }
        int order = order(left, right, operator, meter);
        return switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    /** Which of two values comes first. */
    static int order(Value left, Value right, String operator, Meter meter) {
        meter.spend(Math.min(left.weight(), right.weight()));
        if (left instanceof Num a && right instanceof Num b) {
            return a.compareTo(b);
        }
        if (left instanceof Str a && right instanceof Str b) {
            return a.compareTo(b);
        }
        if (left instanceof Listing a && right instanceof Listing b && a.isTuple() == b.isTuple()) {
            for (int i = 0; i < Math.min(a.length(), b.length()); i++) {
                if (!a.elements().get(i).equals(b.elements().get(i))) {
                    return order(a.elements().get(i), b.elements().get(i), operator, meter);
                }
            }
            return Integer.compare(a.length(), b.length());
        }
        if (left instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.failure();
        }
        throw new ChatTemplateException("'" + operator + "' not supported between instances of '" + left.type()
                + "' and '" + right.type() + "'");
    }
}
