package org.jformers.checkpoint;

import java.util.function.Supplier;

/** Numbers that come out of quantized weights. */
final class Numbers {
    private static final int INFINITY = 0x7F80_0000;

    private Numbers() {}

    /**
     * Refuses numbers that are infinite or none: the scale of a block is damaged, and every score would be.
     *
     * @param count how many, from the beginning
     * @param where the tensor and its file, for the message
     */
    static void requireFinite(float[] values, int count, Supplier<String> where) {
        int greatest = 0;
        for (int i = 0; i < count; i++) {
            greatest = Math.max(greatest, Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE);
        }
        if (greatest >= INFINITY) {
            throw new CheckpointException(
                    "a scale of quantized weights makes them infinite or no numbers, allowed are finite ones, of "
                    + where.get());
        }
    }
}
