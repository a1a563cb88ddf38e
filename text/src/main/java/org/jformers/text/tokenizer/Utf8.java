package org.jformers.text.tokenizer;

import java.nio.charset.StandardCharsets;

/** Bytes as text where some are no UTF-8. */
final class Utf8 {
    private static final int SURROGATE_LEAD = 0xED;
    private static final int FIRST_SURROGATE = 0xA0;
    /** A byte that never stands in UTF-8. */
    private static final byte NEVER = (byte) 0xFF;

    private Utf8() {}

    /**
     * The text, with U+FFFD for each longest stretch that begins a character and for each byte that does not, as the
     * Unicode standard recommends (section 3.9). The JDK does the same but for surrogates, which it takes for one wrong
     * character of three bytes and not for three wrong bytes.
     */
    static String text(byte[] bytes) {
        byte[] marked = bytes;
        for (int i = 0; i + 1 < bytes.length; i++) {
            int next = bytes[i + 1] & 0xFF;
            if ((bytes[i] & 0xFF) == SURROGATE_LEAD && next >= FIRST_SURROGATE && next < 0xC0) {
                marked = marked == bytes ? bytes.clone() : marked;
                marked[i] = NEVER;
            }
        }
        return new String(marked, StandardCharsets.UTF_8);
    }
}
