package org.jformers.text.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Bytes written as visible characters, and the word pattern that comes with them. Source: the released code of GPT-2
 * (Radford et al. 2019).
 */
public final class ByteLevel {
    /** The pattern of {@link #split}, for tokenizers that name it. */
    static final String PATTERN = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private static final char[] CHARACTER_OF_BYTE = new char[256];
    private static final short[] BYTE_OF_CHARACTER = new short[512];

    static {
        Arrays.fill(BYTE_OF_CHARACTER, (short) -1);
        char next = 256;
        for (int b = 0; b < 256; b++) {
            boolean visible = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            CHARACTER_OF_BYTE[b] = visible ? (char) b : next++;
            BYTE_OF_CHARACTER[CHARACTER_OF_BYTE[b]] = (short) b;
        }
    }

    private ByteLevel() {}

    /** The 256 characters that stand for bytes, in the order of the bytes. */
    public static String alphabet() {
        return new String(CHARACTER_OF_BYTE);
    }

    /** The character that stands for a byte. */
    static char character(int unsignedByte) {
        return CHARACTER_OF_BYTE[unsignedByte];
    }

    /**
     * The bytes of a token; a token with a character outside the alphabet is not byte-level and gives its own UTF-8.
     */
    static byte[] bytes(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = token.charAt(i);
            if (c >= BYTE_OF_CHARACTER.length || BYTE_OF_CHARACTER[c] < 0) {
                return token.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) BYTE_OF_CHARACTER[c];
        }
        return bytes;
    }

    /** Bytes as the characters that stand for them. */
    static String written(byte[] bytes) {
        char[] chars = new char[bytes.length];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = CHARACTER_OF_BYTE[bytes[i] & 0xFF];
        }
        return new String(chars);
    }

    /** Every character as the characters of its UTF-8 bytes. */
    static Text map(Text text) {
        Text.Builder out = text.builder(text.length() + text.length() / 2);
        for (int i = 0; i < text.length(); i++) {
            int c = text.at(i);
            if (c < 0x80) {
                out.add(CHARACTER_OF_BYTE[c], text, i);
            } else if (c < 0x800) {
                out.add(CHARACTER_OF_BYTE[0xC0 | c >> 6], text, i);
                out.add(CHARACTER_OF_BYTE[0x80 | c & 0x3F], text, i);
            } else if (c < 0x10000) {
                out.add(CHARACTER_OF_BYTE[0xE0 | c >> 12], text, i);
                out.add(CHARACTER_OF_BYTE[0x80 | c >> 6 & 0x3F], text, i);
                out.add(CHARACTER_OF_BYTE[0x80 | c & 0x3F], text, i);
            } else {
                out.add(CHARACTER_OF_BYTE[0xF0 | c >> 18], text, i);
                out.add(CHARACTER_OF_BYTE[0x80 | c >> 12 & 0x3F], text, i);
                out.add(CHARACTER_OF_BYTE[0x80 | c >> 6 & 0x3F], text, i);
                out.add(CHARACTER_OF_BYTE[0x80 | c & 0x3F], text, i);
            }
        }
        return out.build();
    }

    /** Cuts a text into words as {@link #PATTERN} does, in one pass. */
    static void split(Text text, Consumer<Text> out) {
        int[] chars = text.chars;
        int start = text.from;
        while (start < text.to) {
            int end = wordEnd(chars, start, text.to);
            out.accept(text.slice(start - text.from, end - text.from));
            start = end;
        }
    }

    private static int wordEnd(int[] chars, int start, int limit) {
        int first = chars[start];
        if (first == '\'') {
            int contraction = contractionEnd(chars, start, limit);
            if (contraction > start) {
                return contraction;
            }
        }
        int begin = first == ' ' && start + 1 < limit ? start + 1 : start;
        int kind = kind(chars[begin]);
        if (kind != SPACE) {
            int end = begin + 1;
            while (end < limit && kind(chars[end]) == kind) {
                end++;
            }
            return end;
        }
        int end = start + 1;
        while (end < limit && kind(chars[end]) == SPACE) {
            end++;
        }
        // Spaces before a word leave the last one to it.
        return end == limit || end == start + 1 ? end : end - 1;
    }

    private static final int SPACE = 0;
    private static final int LETTER = 1;
    private static final int NUMBER = 2;
    private static final int OTHER = 3;

    private static int kind(int c) {
        if (CodePoints.isLetter(c)) {
            return LETTER;
        }
        if (CodePoints.isWhitespace(c)) {
            return SPACE;
        }
        return CodePoints.isNumber(c) ? NUMBER : OTHER;
    }

    private static int contractionEnd(int[] chars, int start, int limit) {
        if (start + 1 >= limit) {
            return start;
        }
        int first = chars[start + 1];
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return start + 2;
        }
        int second = start + 2 < limit ? chars[start + 2] : -1;
        boolean two = ((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l');
        return two ? start + 3 : start;
    }
}
