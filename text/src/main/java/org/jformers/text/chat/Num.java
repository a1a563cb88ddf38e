package org.jformers.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/** A number, which in Python a truth value is as well: a whole one of any size, or a double. */
final class Num extends Value {
    static final Num TRUE = new Num(Kind.BOOL, BigInteger.ONE, 1);
    static final Num FALSE = new Num(Kind.BOOL, BigInteger.ZERO, 0);

    /** Python prints no whole number with more than 4300 digits; none may become longer than that. */
    static final int BITS = 14_284;

    private static final int SHORTEST_EXPONENT = -4;
    private static final int LONGEST_EXPONENT = 16;
    private static final int MOST_DIGITS = 17;

    /** Python's three types of numbers. */
    enum Kind {
        BOOL,
        INT,
        FLOAT
    }

    private final Kind kind;
    private final BigInteger whole;
    private final double real;

    private Num(Kind kind, BigInteger whole, double real) {
        this.kind = kind;
        this.whole = whole;
        this.real = real;
    }

    static Num of(long value) {
        return of(BigInteger.valueOf(value));
    }

    static Num of(BigInteger value) {
        if (value.bitLength() > BITS) {
            throw new ChatTemplateException("a whole number has more than 4300 digits");
        }
        return new Num(Kind.INT, value, value.doubleValue());
    }

    static Num of(double value) {
        return new Num(Kind.FLOAT, BigInteger.ZERO, value);
    }

    Kind kind() {
        return kind;
    }

    boolean isFloat() {
        return kind == Kind.FLOAT;
    }

    /** The whole number, if it is no double. */
    BigInteger whole() {
        return whole;
    }

    double real() {
        return real;
    }

    /** The number in the range of a Java int, whatever is beyond it as its limit. */
    int clamped() {
        return whole.bitLength() < Integer.SIZE ? whole.intValue()
                : whole.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
    }

    int compareTo(Num other) {
        if (!isFloat() && !other.isFloat()) {
            return whole.compareTo(other.whole);
        }
        if (isFloat() && other.isFloat() || !isFinite(this) || !isFinite(other)) {
            return real < other.real ? -1 : real > other.real ? 1 : 0;
        }
        return exact().compareTo(other.exact());
    }

    boolean isNan() {
        return isFloat() && Double.isNaN(real);
    }

    private static boolean isFinite(Num number) {
        return !number.isFloat() || Double.isFinite(number.real);
    }

    BigDecimal exact() {
        return isFloat() ? new BigDecimal(real) : new BigDecimal(whole);
    }

    @Override
    String type() {
        return kind == Kind.BOOL ? "bool" : kind == Kind.INT ? "int" : "float";
    }

    @Override
    boolean truth() {
        return isFloat() ? real != 0 : whole.signum() != 0;
    }

    @Override
    void repr(TextBuilder out) {
        out.append(toString());
    }

    @Override
    public String toString() {
        if (kind == Kind.BOOL) {
            return truth() ? "True" : "False";
        }
        return isFloat() ? shortest(real) : whole.toString();
    }

    /** The shortest decimal number that reads back as the same double, written as Python writes it. */
    static String shortest(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        String sign = value < 0 || 1 / value < 0 ? "-" : "";
        if (value == 0) {
            return sign + "0.0";
        }
        BigDecimal exact = new BigDecimal(Math.abs(value));
        BigDecimal rounded = exact;
        for (int digits = 1; digits <= MOST_DIGITS; digits++) {
            rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == Math.abs(value)) {
                break;
            }
        }
        rounded = rounded.stripTrailingZeros();
        String digits = rounded.unscaledValue().toString();
        int exponent = digits.length() - rounded.scale() - 1;
        if (exponent >= SHORTEST_EXPONENT && exponent < LONGEST_EXPONENT) {
            String plain = rounded.toPlainString();
            return sign + (plain.contains(".") ? plain : plain + ".0");
        }
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+")
                + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Num number && !isNan() && !number.isNan() && compareTo(number) == 0;
    }

    @Override
    public int hashCode() {
        return Double.hashCode(real == 0 ? 0.0 : real);
    }
}
