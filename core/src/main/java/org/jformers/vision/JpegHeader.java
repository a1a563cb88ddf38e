package org.jformers.vision;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the header of a JPEG says of its colours. Source: ITU-T T.81, annex B, and Adobe Technical Note 5116.
 *
 * @param components colours of a pixel; 0 if it is no JPEG
 * @param fromAdobe whether Adobe's segment is there: its inks are inverted
 * @param luminance whether that segment says that the first three of four are a luminance and two chrominances
 */
record JpegHeader(int components, boolean fromAdobe, boolean luminance) {
    private static final byte[] PROFILE = "ICC_PROFILE\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.ISO_8859_1);

    static JpegHeader of(byte[] bytes) {
        boolean adobe = false;
        boolean luminance = false;
        for (int at = first(bytes); at < bytes.length; at = next(bytes, at)) {
            int marker = bytes[at + 1] & 0xFF;
            if (marker == 0xEE && begins(bytes, at, ADOBE) && at + 16 <= bytes.length) {
                adobe = true;
                luminance = bytes[at + 15] == 2;
            }
            boolean frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
            if (frame && at + 10 <= bytes.length) {
                return new JpegHeader(bytes[at + 9], adobe, luminance);
            }
        }
        return new JpegHeader(0, false, false);
    }

    /** A file without its colour profile, by which the JDK would change the colours; any other file as it is. */
    static byte[] withoutProfile(byte[] bytes) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(bytes.length);
        int copied = 0;
        for (int at = first(bytes); at < bytes.length; at = next(bytes, at)) {
            if ((bytes[at + 1] & 0xFF) == 0xE2 && begins(bytes, at, PROFILE)) {
                kept.write(bytes, copied, at - copied);
                copied = next(bytes, at);
            }
        }
        if (copied == 0) {
            return bytes;
        }
        kept.write(bytes, copied, bytes.length - copied);
        return kept.toByteArray();
    }

    /** Where the first segment begins; the end if there is none. */
    private static int first(byte[] bytes) {
        boolean jpeg = bytes.length > 6 && (bytes[0] & 0xFF) == 0xFF && (bytes[1] & 0xFF) == 0xD8;
        return jpeg && (bytes[2] & 0xFF) == 0xFF ? 2 : bytes.length;
    }

    /** Where the segment behind one begins; the end behind the last, and where the pixels begin. */
    private static int next(byte[] bytes, int at) {
        int length = (bytes[at + 2] & 0xFF) << 8 | bytes[at + 3] & 0xFF;
        int next = at + 2 + length;
        boolean pixels = (bytes[at + 1] & 0xFF) == 0xDA;
        boolean more = !pixels && length >= 2 && next + 4 <= bytes.length && (bytes[next] & 0xFF) == 0xFF;
        return more ? next : bytes.length;
    }

    private static boolean begins(byte[] bytes, int at, byte[] mark) {
        int from = at + 4;
        return from + mark.length <= bytes.length
                && Arrays.equals(bytes, from, from + mark.length, mark, 0, mark.length);
    }
}
