package org.jformers;

/**
 * Text whose control characters can be seen instead of doing something: foreign names in messages, and what models
 * write, must not move a terminal's cursor, recolour it, answer for the user or turn the order of what is read. Such a
 * character becomes its escape in Java, as {@code \}{@code u001b}.
 *
 * <p>Control characters are C0, DEL and C1 (ISO 6429), the marks that change writing direction (Unicode's UAX 9: ALM,
 * LRM, RLM, LRE to RLO, LRI to PDI), the separators of lines and paragraphs, and surrogates without a partner.
 */
public final class VisibleText {
    private VisibleText() {}

    /** On one line: line feeds and tabs are escaped too. */
    public static String line(String text) {
        return visible(text, "");
    }

    /** On as many lines as it has: line feeds and tabs stay. */
    public static String lines(String text) {
        return visible(text, "\n\t");
    }

    private static String visible(String text, String kept) {
        if (text.codePoints().noneMatch(c -> isControl(c) && kept.indexOf(c) < 0)) {
            return text;
        }
        StringBuilder visible = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (!isControl(c) || kept.indexOf(c) >= 0) {
                visible.appendCodePoint(c);
            } else {
                visible.append(switch (c) {
                    case '\n' -> "\\n";
                    case '\r' -> "\\r";
                    case '\t' -> "\\t";
                    default -> String.format("\\u%04x", c);
                });
            }
        });
        return visible.toString();
    }

    private static boolean isControl(int c) {
        return Character.isISOControl(c)
                || c == 0x061C || c == 0x200E || c == 0x200F
                || c >= 0x2028 && c <= 0x202E
                || c >= 0x2066 && c <= 0x2069
                || Character.getType(c) == Character.SURROGATE;
    }
}
