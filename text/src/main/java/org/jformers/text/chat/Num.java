package org.jformers.text.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Optional;

/** A number, which in Python a truth value is as well: a whole one of any size, or a double. */
final class Num extends Value implements Comparable<Num> {
    static final Num TRUE = new Num(Kind.BOOL, 1, Optional.empty(), 1);
    static final Num FALSE = new Num(Kind.BOOL, 0, Optional.empty(), 0);

    /** Python prints no whole number with more than 4300 digits; none may become longer than that. */
    static final int BITS = 14_284;

    private static final int SHORTEST_EXPONENT = -4;
    private static final int LONGEST_EXPONENT = 16;
    private static final int MOST_DIGITS = 17;
    /** Far more digits than those that decide which 17 are nearest; a double may have a thousand. */
    private static final MathContext ENOUGH = new MathContext(60, RoundingMode.HALF_EVEN);
    private static final int STEPS_TO_PRINT = 400;
    /** Steps for what is quadratic in the number of 64 bit words. */
    private static final int WORD_PAIRS_PER_STEP = 8;

    /** Python's three types of numbers. */
    enum Kind {
        BOOL,
        INT,
        FLOAT
    }

    private final Kind kind;
    private final long small;
    private final Optional<BigInteger> large;
    private final double real;

    /** @param large the whole number if {@code small} cannot hold it */
    private Num(Kind kind, long small, Optional<BigInteger> large, double real) {
        this.kind = kind;
        this.small = small;
        this.large = large;
        this.real = real;
    }

    static Num of(long value) {
        return new Num(Kind.INT, value, Optional.empty(), value);
    }

    static Num of(BigInteger value) {
        int bits = value.bitLength();
        if (bits < Long.SIZE) {
            return of(value.longValue());
        }
        if (bits > BITS) {
            throw new ChatTemplateException("a whole number has more than 4300 digits");
        }
        return new Num(Kind.INT, 0, Optional.of(value), value.doubleValue());
    }

    static Num of(double value) {
        return new Num(Kind.FLOAT, 0, Optional.empty(), value);
    }

    Kind kind() {
        return kind;
    }

    boolean isFloat() {
        return kind == Kind.FLOAT;
    }

    /** Whether it is a whole number that a long holds, which is then {@link #small}. */
    boolean isSmall() {
        return kind != Kind.FLOAT && large.isEmpty();
    }

    long small() {
        return small;
    }

    /** The whole number, if it is no double. */
    BigInteger whole() {
        return large.orElseGet(() -> BigInteger.valueOf(small));
    }

    /** The nearest double. */
    double real() {
        return real;
    }

    /** The nearest double, for a calculation; Python does not take a whole number that is too large for that. */
    double operand() {
        if (!isFloat() && Double.isInfinite(real)) {
            throw new ChatTemplateException("int too large to convert to float");
        }
        return real;
    }

    /** The number in the range of a Java int, whatever is beyond it as its limit. */
    int clamped() {
        long value = large.isEmpty() ? small : large.get().signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, value));
    }

    /** Steps that multiplying, dividing or printing it takes. */
    long cost() {
        if (isFloat()) {
            return STEPS_TO_PRINT;
        }
        long words = large.map(value -> value.bitLength() / Long.SIZE + 1).orElse(1);
        return 1 + words * words / WORD_PAIRS_PER_STEP;
    }

    @Override
    public int compareTo(Num other) {
        if (isSmall() && other.isSmall()) {
            return Long.compare(small, other.small);
        }
        if (!isFloat() && !other.isFloat()) {
            return whole().compareTo(other.whole());
        }
        if (isFloat() && other.isFloat() || !isFinite(this) || !isFinite(other)) {
            return real < other.real ? -1 : real > other.real ? 1 : 0;
        }
        // Of a whole number and a double, most often the double of the one is not that of the other.
        return real != other.real ? Double.compare(real, other.real) : exact().compareTo(other.exact());
    }

    boolean isNan() {
        return isFloat() && Double.isNaN(real);
    }

    private static boolean isFinite(Num number) {
        return !number.isFloat() || Double.isFinite(number.real);
    }

    BigDecimal exact() {
        return isFloat() ? new BigDecimal(real) : new BigDecimal(whole());
    }

    @Override
    String type() {
        return kind == Kind.BOOL ? "bool" : kind == Kind.INT ? "int" : "float";
    }

    @Override
    boolean truth() {
        return isFloat() ? real != 0 : small != 0 || large.isPresent();
    }

    @Override
    void repr(TextBuilder out) {
        out.meter().spend(isFloat() ? STEPS_TO_PRINT : cost());
        out.append(toString());
    }

    @Override
    public String toString() {
        if (kind == Kind.BOOL) {
            return truth() ? "True" : "False";
        }
        return isFloat() ? shortest(real) : large.map(BigInteger::toString).orElseGet(() -> Long.toString(small));
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
        BigDecimal exact = new BigDecimal(Math.abs(value)).round(ENOUGH);
        // Java's own text reads back as well, but may have digits too many.
        int most = Math.min(MOST_DIGITS, new BigDecimal(Double.toString(Math.abs(value))).precision());
        BigDecimal rounded = exact.round(new MathContext(most, RoundingMode.HALF_EVEN));
        for (int digits = most - 1; digits > 0; digits--) {
            BigDecimal shorter = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (shorter.doubleValue() != Math.abs(value)) {
                break;
            }
            rounded = shorter;
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
    Optional<Value> attribute(String name) {
        return NumberMethods.of(this, name);
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
