package org.jformers.text.chat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as the format types of C write them. */
final class NumberText {
    /** Digits behind the point that may be asked for. */
    static final int MOST_DIGITS = 4000;

    private NumberText() {}

    /** The digits of a number without its sign, for the types d x X o b e E f F g G and %. */
    static String digits(Num number, char type, int precision) {
        if ("dxXob".indexOf(type) >= 0) {
            int radix = type == 'd' ? 10 : type == 'o' ? 8 : type == 'b' ? 2 : 16;
            String digits = number.exact().toBigInteger().abs().toString(radix);
            return type == 'X' ? digits.toUpperCase(Locale.ROOT) : digits;
        }
        if (precision > MOST_DIGITS) {
            throw new ChatTemplateException("format: precision must be <= " + MOST_DIGITS + ", got " + precision);
        }
        if (number.isFloat() && !Double.isFinite(number.real())) {
            String shown = number.isNan() ? "nan" : "inf";
            return (Character.isUpperCase(type) ? shown.toUpperCase(Locale.ROOT) : shown) + (type == '%' ? "%" : "");
        }
        // Python formats whole numbers as doubles, too.
        BigDecimal value = new BigDecimal(Math.abs(number.operand()));
        int digits = precision < 0 ? 6 : precision;
        String text = switch (type) {
            case 'f', 'F' -> value.setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
            case '%' -> value.movePointRight(2).setScale(digits, RoundingMode.HALF_EVEN).toPlainString() + "%";
            case 'e', 'E' -> scientific(value, digits);
            default -> general(value, Math.max(1, digits));
        };
        return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
    }

    private static String scientific(BigDecimal value, int digits) {
        BigDecimal rounded = value.signum() == 0
                ? value
                : value.round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
        int exponent = value.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        String plain = rounded.movePointLeft(exponent).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
        return plain + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    private static String general(BigDecimal value, int digits) {
        if (value.signum() == 0) {
            return "0";
        }
        BigDecimal rounded = value.round(new MathContext(digits, RoundingMode.HALF_EVEN)).stripTrailingZeros();
        int exponent = rounded.precision() - rounded.scale() - 1;
        return exponent < -4 || exponent >= digits
                ? scientific(rounded, rounded.precision() - 1) : rounded.toPlainString();
    }

    static boolean isNegative(Num number) {
        return number.isFloat() ? number.real() < 0 || 1 / number.real() < 0 : number.whole().signum() < 0;
    }
}
