package org.jformers.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Iterator;
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
            return numbers(operator, a, b, run.meter());
        }
        if (operator.equals("%") && left instanceof Str format) {
            return PercentFormat.format(format, right, run.meter());
        }
        if (operator.equals("+") && left instanceof Str a && right instanceof Str b) {
            return Markup.plus(a, b, run.meter());
        }
        if (operator.equals("+") && left instanceof Listing a && right instanceof Listing b
                && a.isTuple() == b.isTuple()) {
            run.meter().spendElements(a.length() + b.length());
            List<Value> both = new ArrayList<>(a.elements());
            both.addAll(b.elements());
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
            return new TextBuilder(meter).repeat(text, count).build().as(text);
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

    private static Value numbers(String operator, Num a, Num b, Meter meter) {
        boolean divides = operator.equals("/") || operator.equals("//") || operator.equals("%");
        if (divides && !b.truth()) {
            throw new ChatTemplateException("division by zero");
        }
        if (operator.equals("**")) {
            return power(a, b, meter);
        }
        if (a.isFloat() || b.isFloat()) {
            return reals(operator, a.operand(), b.operand());
        }
        if (!a.isSmall() || !b.isSmall()) {
            meter.spend(2 * Math.max(a.cost(), b.cost()));
        }
        return wholes(operator, a, b);
    }

    private static Value wholes(String operator, Num a, Num b) {
        if (a.isSmall() && b.isSmall() && fits(a.small()) && fits(b.small())) {
            long left = a.small();
            long right = b.small();
            return switch (operator) {
                case "+" -> Num.of(left + right);
                case "-" -> Num.of(left - right);
                case "*" -> Num.of(left * right);
                case "/" -> Num.of((double) left / right);
                case "//" -> Num.of(Math.floorDiv(left, right));
                default -> Num.of(Math.floorMod(left, right));
            };
        }
        return wholes(operator, a.whole(), b.whole());
    }

    private static boolean fits(long value) {
        return value == (int) value;
    }

    private static Value wholes(String operator, BigInteger a, BigInteger b) {
        return switch (operator) {
            case "+" -> Num.of(a.add(b));
            case "-" -> Num.of(a.subtract(b));
            case "*" -> Num.of(a.multiply(b));
            case "/" -> quotient(a, b);
            case "//" -> Num.of(floorDivide(a, b));
            default -> Num.of(a.subtract(floorDivide(a, b).multiply(b)));
        };
    }

    private static Value quotient(BigInteger a, BigInteger b) {
        double quotient = new BigDecimal(a).divide(new BigDecimal(b), QUOTIENT).doubleValue();
        if (Double.isInfinite(quotient)) {
            throw new ChatTemplateException("integer division result too large for a float");
        }
        return Num.of(quotient == 0 && a.signum() * b.signum() < 0 ? -0.0 : quotient);
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
        double rest = a % b;
        double quotient = (a - rest) / b;
        if (rest != 0 && rest < 0 != b < 0) {
            quotient -= 1;
        }
        if (quotient == 0) {
            return Math.copySign(0.0, a / b);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static Value power(Num a, Num b, Meter meter) {
        if (a.isFloat() || b.isFloat() || b.whole().signum() < 0) {
            return Num.of(power(a.operand(), b.operand()));
        }
        boolean unit = a.isSmall() && Math.abs(a.small()) <= 1;
        if (!unit && (long) b.clamped() * (a.whole().bitLength() - 1) > Num.BITS) {
            throw new ChatTemplateException("a whole number has more than 4300 digits");
        }
        Num result = Num.of(
                a.whole().pow(unit ? b.whole().testBit(0) ? 1 : 2 * b.whole().signum() : b.clamped()));
        meter.spend(2 * result.cost());
        return result;
    }

    private static double power(double a, double b) {
        if (a == 0 && b < 0) {
            throw new ChatTemplateException("0.0 cannot be raised to a negative power");
        }
        if (a < 0 && Double.isFinite(a) && Double.isFinite(b) && b != Math.rint(b)) {
            throw new ChatTemplateException("a negative number to the power of a fraction is a complex number");
        }
        // Other than in Java, one to any power is one, and so is -1 to an infinite one.
        double result = a == 1 || a == -1 && Double.isInfinite(b) ? 1 : Math.pow(a, b);
        if (Double.isInfinite(result) && Double.isFinite(a) && Double.isFinite(b)) {
            throw new ChatTemplateException("the result of ** is too large");
        }
        return result;
    }

    static boolean compare(String operator, Value left, Value right, Meter meter) {
        meter.spend(cost(left, right));
        return switch (operator) {
            case "==" -> left.equals(right);
            case "!=" -> !left.equals(right);
            case "in" -> contains(right, left, meter);
            case "not in" -> !contains(right, left, meter);
            default -> ordered(operator, left, right, meter);
        };
    }

    static boolean contains(Value container, Value value, Meter meter) {
        if (container instanceof Dict) {
            meter.spend(value.weight());
        } else if (container instanceof Str text) {
            meter.spend(value instanceof Str part ? TextSearch.cost(text.string(), part.string()) : 1);
        } else if (container instanceof Range) {
            meter.spend(1);
        } else {
            // Goes through a stream only as far as it must.
            Iterator<Value> elements = container.iterator();
            while (elements.hasNext()) {
                Value element = elements.next();
                meter.spend(cost(element, value));
                if (element.equals(value)) {
                    return true;
                }
            }
            return false;
        }
        return container.contains(value);
    }

    /** Steps that comparing two values takes. */
    private static long cost(Value left, Value right) {
        return left instanceof Num a && right instanceof Num b
                ? a.isSmall() && b.isSmall() || a.isFloat() && b.isFloat() ? 1 : Math.min(a.cost(), b.cost())
                : Math.min(left.weight(), right.weight());
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
        meter.spend(cost(left, right));
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
