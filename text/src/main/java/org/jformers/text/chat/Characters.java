package org.jformers.text.chat;

import java.util.Locale;

/** What Python says of characters. */
final class Characters {

    private Characters() {}

    /** Whether {@code str.isspace} holds. */
    static boolean isSpace(int point) {
        return point >= 0x09 && point <= 0x0D || point >= 0x1C && point <= 0x20 || point == 0x85 || point == 0xA0
                || point == 0x1680 || point >= 0x2000 && point <= 0x200A || point == 0x2028 || point == 0x2029
                || point == 0x202F || point == 0x205F || point == 0x3000;
    }

    /** Whether {@code repr} shows it as it is. */
    static boolean isPrintable(int point) {
        if (point == ' ') {
            return true;
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE,
                    Character.UNASSIGNED, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR -> false;
            default -> true;
        };
    }

    /** Whether {@code \w} of a regular expression matches it. */
    static boolean isWord(int point) {
        return isLetterOrDigit(point) || point == '_';
    }

    /** Whether {@code str.isalnum} holds. */
    static boolean isLetterOrDigit(int point) {
        return Character.isLetter(point) || isNumeric(point);
    }

    /** What {@code repr} shows, with escapes for all beyond ASCII. */
    static Str ascii(Str shown, Meter meter) {
        TextBuilder out = new TextBuilder(meter);
        String string = shown.string();
        for (int i = 0; i < string.length();) {
            int point = string.codePointAt(i);
            if (point < 0x80) {
                out.append(shown, i, i + 1);
            } else {
                out.appendAs(String.format(
                        point < 0x100 ? "\\x%02x" : point < 0x10000 ? "\\u%04x" : "\\U%08x", point), shown, i);
            }
            i += Character.charCount(point);
        }
        return out.build();
    }

    /** Whether {@code str.isdigit} holds: digits, and those in circles, above or below the line and so on. */
    static boolean isDigit(int point) {
        return Character.isDigit(point) || point == 0xB2 || point == 0xB3 || point == 0xB9 || point == 0x19DA
                || within(point, 0x1369, 0x1371) || point == 0x2070 || within(point, 0x2074, 0x2079)
                || within(point, 0x2080, 0x2089) || within(point, 0x2460, 0x2468) || within(point, 0x2474, 0x247C)
                || within(point, 0x2488, 0x2490) || point == 0x24EA || within(point, 0x24F5, 0x24FD)
                || point == 0x24FF || within(point, 0x2776, 0x277E) || within(point, 0x2780, 0x2788)
                || within(point, 0x278A, 0x2792) || within(point, 0x10A40, 0x10A43) || within(point, 0x10E60, 0x10E68)
                || within(point, 0x11052, 0x1105A) || within(point, 0x1F100, 0x1F10A);
    }

    private static boolean within(int point, int first, int last) {
        return point >= first && point <= last;
    }

    /** Whether {@code str.isnumeric} holds, but for ideographs. */
    static boolean isNumeric(int point) {
        int type = Character.getType(point);
        return type == Character.DECIMAL_DIGIT_NUMBER || type == Character.OTHER_NUMBER
                || type == Character.LETTER_NUMBER;
    }

    /** Whether a line of {@code str.splitlines} ends with it. */
    static boolean isLineEnd(char character) {
        return character >= '\n' && character <= '\r' || character >= 0x1C && character <= 0x1E || character == 0x85
                || character == 0x2028 || character == 0x2029;
    }

    /** The first letter large, the others small. */
    static String capitalize(String word) {
        if (word.isEmpty()) {
            return word;
        }
        int first = word.codePointAt(0);
        int end = Character.charCount(first);
        return titleCase(first) + lower(word).substring(lower(word.substring(0, end)).length());
    }

    /** Every letter after something else large, the others small. */
    static String title(String text) {
        StringBuilder out = new StringBuilder();
        String lower = lower(text);
        boolean within = false;
        for (int i = 0; i < text.length();) {
            int point = text.codePointAt(i);
            boolean cased = isCased(point);
            if (!cased) {
                out.appendCodePoint(point);
            } else if (!within) {
                out.append(titleCase(point));
            } else if (lower.length() == text.length()) {
                out.appendCodePoint(lower.codePointAt(i));
            } else {
                out.append(lower(Character.toString(point)));
            }
            within = cased;
            i += Character.charCount(point);
        }
        return out.toString();
    }

    static boolean isCased(int point) {
        return Character.isUpperCase(point) || Character.isLowerCase(point) || Character.isTitleCase(point);
    }

    private static String titleCase(int point) {
        String upper = Character.toString(point).toUpperCase(Locale.ROOT);
        if (Character.toTitleCase(point) != point || upper.codePointCount(0, upper.length()) == 1) {
            return Character.toString(Character.toTitleCase(point));
        }
        int end = Character.charCount(upper.codePointAt(0));
        return upper.substring(0, end) + lower(upper.substring(end));
    }

    static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }
}
