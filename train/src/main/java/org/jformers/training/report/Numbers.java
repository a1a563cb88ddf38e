package org.jformers.training.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers for people, the same in every locale. */
public final class Numbers {
    private Numbers() {}

    /** About that many significant digits: 0.00031, 3.14, 12.5k, 4.2M, 6.0e-7. */
    static String brief(double value, int digits) {
        if (!Double.isFinite(value)) {
            return Double.toString(value);
        }
        double size = Math.abs(value);
        if (size >= 1e15 || size > 0 && size < 1e-4) {
            return String.format(Locale.ROOT, "%." + (digits - 1) + "e", value).replaceAll("\\.?0*e([+-])0*", "e$1")
                    .replace("e+", "e");
        }
        String unit = size >= 1e12 ? "T" : size >= 1e9 ? "G" : size >= 1e6 ? "M" : size >= 1e4 ? "k" : "";
        double scaled = value / (size >= 1e12 ? 1e12 : size >= 1e9 ? 1e9 : size >= 1e6 ? 1e6 : size >= 1e4 ? 1e3 : 1);
        int wholeDigits = (int) Math.log10(Math.max(1, Math.abs(scaled))) + 1;
        BigDecimal rounded = new BigDecimal(scaled).round(new MathContext(Math.max(digits, wholeDigits)));
        return (rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString()) + unit;
    }

    /** That many significant digits, for programs. */
    static String exact(double value, int digits) {
        return new BigDecimal(value).round(new MathContext(digits)).stripTrailingZeros().toString();
    }

    /** With thousands separated by thin spaces. */
    static String whole(long value) {
        return String.format(Locale.ROOT, "%,d", value).replace(',', '\u202f');
    }

    static String fixed(double value, int decimals) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%." + decimals + "f", value) : "–";
    }

    /** Mantissa and power of ten, as HTML. */
    static String scientificHtml(double value) {
        if (value == 0 || !Double.isFinite(value)) {
            return "0";
        }
        int power = (int) Math.floor(Math.log10(Math.abs(value)));
        return fixed(value / Math.pow(10, power), 1) + " × 10<sup>" + power + "</sup>";
    }

    /** The two largest units: 3 h 12 min, 4 min 5 s, 12.3 s. */
    public static String duration(double seconds) {
        if (seconds < 60) {
            return fixed(seconds, 1) + " s";
        }
        long whole = Math.round(seconds);
        return whole < 3600
                ? whole / 60 + " min " + whole % 60 + " s"
                : whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }
}
