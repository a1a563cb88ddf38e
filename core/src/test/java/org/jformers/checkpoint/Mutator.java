package org.jformers.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/** Damages files at random, but the same way for the same seed. */
final class Mutator {
    private static final long[] INTERESTING = {
        0, 1, -1, 7, 8, 64, 127, 128, 255, 65_535, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 32, Long.MAX_VALUE,
        Long.MIN_VALUE, 1L << 62
    };
    private static final String TEXT = "{}[]\":,0123456789-.eE\\ntru/";

    private final Random random;

    Mutator(long seed) {
        random = new Random(seed);
    }

    /**
     * A file with one to four changes.
     *
     * @param head the changes fall into so many first bytes three times out of four
     */
    byte[] mutate(byte[] good, int head) {
        byte[] bytes = good.clone();
        for (int edits = random.nextInt(4); edits >= 0; edits--) {
            if (bytes.length == 0) {
                return bytes;
            }
            int within = random.nextInt(4) > 0 ? Math.min(head, bytes.length) : bytes.length;
            bytes = edit(bytes, random.nextInt(within));
        }
        return bytes;
    }

    private byte[] edit(byte[] bytes, int at) {
        int length = Math.min(1 + random.nextInt(16), bytes.length - at);
        switch (random.nextInt(9)) {
            case 0 -> bytes[at] = (byte) random.nextInt(256);
            case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 2 -> bytes[at] = (byte) TEXT.charAt(random.nextInt(TEXT.length()));
            case 3 -> bytes[at] += (byte) (random.nextBoolean() ? 1 : -1);
            case 4 -> {
                ByteBuffer value = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                value.putLong(0, INTERESTING[random.nextInt(INTERESTING.length)]);
                int width = Math.min(1 << random.nextInt(4), bytes.length - at);
                System.arraycopy(value.array(), 0, bytes, at, width);
            }
            case 5 -> {
                int from = random.nextInt(bytes.length - length + 1);
                System.arraycopy(bytes.clone(), from, bytes, at, length);
            }
            case 6 -> { // cut out
                byte[] shorter = Arrays.copyOf(bytes, bytes.length - length);
                System.arraycopy(bytes, at + length, shorter, at, bytes.length - at - length);
                return shorter;
            }
            case 7 -> { // repeat
                byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
                System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
                return longer;
            }
            default -> {
                return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : bytes;
            }
        }
        return bytes;
    }
}
