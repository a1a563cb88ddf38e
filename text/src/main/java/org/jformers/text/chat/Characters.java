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
