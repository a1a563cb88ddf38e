package org.jformers.text.regex;

/** The characters of a regular expression, read from left to right. */
final class PatternReader {
    private final int[] source;
    private int place;

    PatternReader(String source) {
        this.source = source.codePoints().toArray();
    }

    boolean atEnd() {
        return place == source.length;
    }

    int length() {
        return source.length;
    }

    /** What stands between an earlier place and this one. */
    String since(int earlier) {
        return new String(source, earlier, place - earlier);
    }

    int place() {
        return place;
    }

    void back(int earlier) {
        place = earlier;
    }

    int peek() {
        return atEnd() ? -1 : source[place];
    }

    int next() {
        if (atEnd()) {
            throw error("it ends too early");
        }
        return source[place++];
    }

    boolean looksAt(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (place + i >= source.length || source[place + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Goes past the text if it stands here. */
    boolean take(String text) {
        boolean here = looksAt(text);
        place += here ? text.length() : 0;
        return here;
    }

    /** Goes past the closing text; returns what stands before it. */
    String until(String closing) {
        StringBuilder text = new StringBuilder();
        while (!take(closing)) {
            text.appendCodePoint(next());
        }
        return text.toString();
    }

    /** A decimal number, -1 if none stands here. */
    int number(int largest) {
        int number = -1;
        while (peek() >= '0' && peek() <= '9') {
            number = Math.max(number, 0) * 10 + next() - '0';
            if (number > largest) {
                throw error("a number must be at most " + largest);
            }
        }
        return number;
    }

    /** A code point of up to so many digits. */
    int digits(int radix, int most) {
        int value = 0;
        int count = 0;
        while (count < most && Character.digit(peek(), radix) >= 0) {
            value = value * radix + Character.digit(next(), radix);
            count++;
        }
        if (count == 0 || value > Character.MAX_CODE_POINT) {
            throw error("no character has this number");
        }
        return value;
    }

    RegexException error(String message) {
        return new RegexException(message + " at character " + place);
    }
}
