package org.jformers.text.tokenizer;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.function.IntFunction;

/** Streams byte-level tokens: bytes wait until their character is complete, or cannot become one any more. */
final class ByteLevelStream implements TokenStream {
    private final IntFunction<byte[]> bytesOfId;
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

    ByteLevelStream(IntFunction<byte[]> bytesOfId) {
        this.bytesOfId = bytesOfId;
    }

    @Override
    public String next(int id) {
        waiting.writeBytes(bytesOfId.apply(id));
        byte[] bytes = waiting.toByteArray();
        int complete = bytes.length - unfinished(bytes);
        waiting.reset();
        waiting.write(bytes, complete, bytes.length - complete);
        return Utf8.text(Arrays.copyOf(bytes, complete));
    }

    @Override
    public String finish() {
        String rest = Utf8.text(waiting.toByteArray());
        waiting.reset();
        return rest;
    }

    /** How many bytes at the end begin a character that further bytes could complete. */
    private static int unfinished(byte[] bytes) {
        for (int back = 1; back <= Math.min(3, bytes.length); back++) {
            int lead = bytes[bytes.length - back] & 0xFF;
            if ((lead & 0xC0) == 0x80) {
                continue;
            }
            int length = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
            boolean possible =
                    length > back && (back == 1 || secondAllowed(lead, bytes[bytes.length - back + 1] & 0xFF));
            return possible ? back : 0;
        }
        return 0;
    }

    /** UTF-8 forbids overlong forms, surrogates and what lies beyond U+10FFFF; the second byte tells. */
    private static boolean secondAllowed(int lead, int second) {
        return switch (lead) {
            case 0xE0 -> second >= 0xA0;
            case 0xED -> second < 0xA0;
            case 0xF0 -> second >= 0x90;
            case 0xF4 -> second < 0x90;
            default -> true;
        };
    }
}
