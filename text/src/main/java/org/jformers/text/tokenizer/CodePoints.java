package org.jformers.text.tokenizer;

import org.jformers.text.regex.UnicodeProperty;

/** Character classes that the components share. */
final class CodePoints {

    private CodePoints() {}

    /** The Unicode property White_Space. */
    static boolean isWhitespace(int c) {
        if (c < 0x80) {
            return c == ' ' || (c >= 0x9 && c <= 0xD);
        }
        return c == 0x85
                || c == 0xA0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200A)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202F
                || c == 0x205F
                || c == 0x3000;
    }

    static boolean isLetter(int c) {
        return c < 0x80 ? (c | 0x20) >= 'a' && (c | 0x20) <= 'z' : UnicodeProperty.LETTER.test(c);
    }

    /** General category N: decimal digits, letter numbers and other numbers. */
    static boolean isNumber(int c) {
        if (c < 0x80) {
            return c >= '0' && c <= '9';
        }
        return UnicodeProperty.NUMBER.test(c);
    }

    /** What {@code \w} matches in Unicode regular expressions. */
    static boolean isWord(int c) {
        if (c < 0x80) {
            return isLetter(c) || isNumber(c) || c == '_';
        }
        int type = Character.getType(c);
        return Character.isAlphabetic(c)
                || isMark(type)
                || type == Character.DECIMAL_DIGIT_NUMBER
                || type == Character.CONNECTOR_PUNCTUATION
                || c == 0x200C
                || c == 0x200D;
    }

    /** General category M. */
    static boolean isMarkCharacter(int c) {
        return c >= 0x300 && isMark(Character.getType(c));
    }

    /** The ideograph blocks that BERT surrounds with spaces. */
    static boolean isIdeograph(int c) {
        return (c >= 0x4E00 && c <= 0x9FFF)
                || (c >= 0x3400 && c <= 0x4DBF)
                || (c >= 0x20000 && c <= 0x2A6DF)
                || (c >= 0x2A700 && c <= 0x2B73F)
                || (c >= 0x2B740 && c <= 0x2B81F)
                || (c >= 0x2B920 && c <= 0x2CEAF)
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0x2F800 && c <= 0x2FA1F);
    }

    private static boolean isMark(int type) {
        return type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.ENCLOSING_MARK;
    }
}
