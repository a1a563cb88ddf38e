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

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** The figure with so many decimals, the exact binary value rounded half to even; "nan" when undefined. */
    static String fixed(double value, int decimals) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
    }
}
