package org.jformers.evaluation.metric;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Text and number rules of the reference tools, where they differ from Java's: white space is Unicode's (no-break and
 * ideographic spaces and the separators U+001C to U+001F count), characters are code points, figures round half to
 * even.
 */
final class Texts {
    private static final char CAPITAL_SIGMA = 'Σ';
    /** Word_Break classes MidLetter, MidNumLet and Single_Quote (Unicode Standard Annex 29). */
    private static final String WITHIN_WORDS = ":\u00b7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a"
            + ".\u2018\u2019\u2024\ufe52\uff07\uff0e'";

    private Texts() {}

    static boolean isSpace(int c) {
        return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F) || c == 0x85
                || (c > 0x7F && Character.isSpaceChar(c));
    }

    /** The pieces between runs of white space; none for blank text. */
    static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        int start = -1;
        for (int i = 0; i < text.length(); i++) {
            if (isSpace(text.charAt(i))) {
                if (start >= 0) {
                    words.add(text.substring(start, i));
                    start = -1;
                }
            } else if (start < 0) {
                start = i;
            }
        }
        if (start >= 0) {
            words.add(text.substring(start));
        }
        return words;
    }

    static String stripTrailing(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /** One string per code point. */
    static List<String> characters(String text) {
        List<String> characters = new ArrayList<>(text.length());
        text.codePoints().forEach(c -> characters.add(Character.toString(c)));
        return characters;
    }

    /** Lower case by Unicode's rules; Java sees words elsewhere than they do when it picks the final sigma. */
    static String lower(String text) {
        if (text.indexOf(CAPITAL_SIGMA) < 0) {
            return text.toLowerCase(Locale.ROOT);
        }
        StringBuilder lower = new StringBuilder(text.length());
        int from = 0;
        for (int at = text.indexOf(CAPITAL_SIGMA); at >= 0; at = text.indexOf(CAPITAL_SIGMA, from)) {
            lower.append(text.substring(from, at).toLowerCase(Locale.ROOT)).append(isFinal(text, at) ? 'ς' : 'σ');
            from = at + 1;
        }
        return lower.append(text.substring(from).toLowerCase(Locale.ROOT)).toString();
    }

    /** Unicode's Final_Sigma: behind a letter with case and not before one, signs that go with letters apart. */
    private static boolean isFinal(String text, int sigma) {
        int before = sigma;
        while (before > 0 && isCaseIgnorable(text.codePointBefore(before))) {
            before -= Character.charCount(text.codePointBefore(before));
        }
        int after = sigma + 1;
        while (after < text.length() && isCaseIgnorable(text.codePointAt(after))) {
            after += Character.charCount(text.codePointAt(after));
        }
        return before > 0
                && isCased(text.codePointBefore(before))
                && !(after < text.length() && isCased(text.codePointAt(after)));
    }

    private static boolean isCased(int c) {
        return Character.isLowerCase(c) || Character.isUpperCase(c) || Character.isTitleCase(c);
    }

    private static boolean isCaseIgnorable(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK
                || type == Character.ENCLOSING_MARK
                || type == Character.FORMAT
                || type == Character.MODIFIER_LETTER
                || type == Character.MODIFIER_SYMBOL
                || WITHIN_WORDS.indexOf(c) >= 0;
    }

    /** The figure with so many decimals, the exact binary value rounded half to even; "nan" when undefined. */
    static String fixed(double value, int decimals) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
    }
}
