package org.jformers.audio;

import java.nio.ByteBuffer;
import org.jformers.JformersException;

/**
 * How the numbers of a WAV file are written. Source: Microsoft, "Multiple channel audio data and WAVE files".
 *
 * @param encoding of one number
 * @param channels numbers for each moment
 * @param rate moments in a second
 */
record WavFormat(Encoding encoding, int channels, int rate) {
    private static final int PCM = 1;
    private static final int FLOAT = 3;
    private static final int EXTENSIBLE = 0xFFFE;
    private static final int SHORT = 16;
    private static final int LONG = 40;
    private static final int SUBFORMAT = 24;
    /** The GUIDs whose first two bytes are a format tag: the bytes 2 to 7, and 8 to 15. */
    private static final long GUID_START = 0x0010_0000_0000L;
    private static final long GUID_END = 0x719B_3800_AA00_0080L;

    /** A kind of numbers. */
    enum Encoding {
        UNSIGNED_8(1), SIGNED_16(2), SIGNED_24(3), SIGNED_32(4), FLOAT_32(4), FLOAT_64(8);

        private final int bytes;

        Encoding(int bytes) {
            this.bytes = bytes;
        }

        /** The number at a place; what is full scale in a whole number is 1. */
        double at(ByteBuffer data, int place) {
            return switch (this) {
                case UNSIGNED_8 -> ((data.get(place) & 0xFF) - 128) / 128.0;
                case SIGNED_16 -> data.getShort(place) / 32768.0;
                case SIGNED_24 -> (data.get(place + 2) << 16 | data.getShort(place) & 0xFFFF) / 8388608.0;
                case SIGNED_32 -> data.getInt(place) / 2147483648.0;
                case FLOAT_32 -> data.getFloat(place);
                case FLOAT_64 -> data.getDouble(place);
            };
        }
    }

    /** Bytes of one moment. */
    int block() {
        return channels * encoding.bytes;
    }

    /** One moment: the mean of all channels. */
    float mean(ByteBuffer data, int place) {
        double sum = 0;
        for (int channel = 0; channel < channels; channel++) {
            sum += encoding.at(data, place + channel * encoding.bytes);
        }
        return (float) (sum / channels);
    }

    /** Reads a format chunk, which is all of {@code chunk}, little-endian. */
    static WavFormat of(ByteBuffer chunk) {
        if (chunk.remaining() < SHORT) {
            throw new JformersException("sound: got a format chunk of " + chunk.remaining() + " bytes, allowed "
                    + SHORT + " or more");
        }
        int tag = chunk.getShort(0) & 0xFFFF;
        int channels = chunk.getShort(2) & 0xFFFF;
        long rate = chunk.getInt(4) & 0xFFFF_FFFFL;
        int block = chunk.getShort(12) & 0xFFFF;
        int bits = chunk.getShort(14) & 0xFFFF;
        Encoding encoding = encoding(tag == EXTENSIBLE ? subformat(chunk) : tag, bits);
        if (channels == 0 || rate == 0 || rate > Sound.HIGHEST_RATE) {
            throw new JformersException("sound: got " + channels + " channels at " + rate
                    + " Hz, allowed at least one, at 1 to " + Sound.HIGHEST_RATE + " Hz");
        }
        WavFormat format = new WavFormat(encoding, channels, (int) rate);
        if (block != format.block()) {
            throw new JformersException("sound: got blocks of " + block + " bytes for " + channels + " channels of "
                    + bits + " bits, allowed " + format.block());
        }
        return format;
    }

    private static int subformat(ByteBuffer chunk) {
        if (chunk.remaining() < LONG) {
            throw new JformersException("sound: got an extensible format chunk of " + chunk.remaining()
                    + " bytes, allowed " + LONG + " or more");
        }
        if (chunk.getLong(SUBFORMAT) >>> 16 != GUID_START || chunk.getLong(SUBFORMAT + 8) != GUID_END) {
            throw new JformersException("sound: got an extensible format with a subformat of somebody's own, allowed"
                    + " PCM and float");
        }
        return chunk.getShort(SUBFORMAT) & 0xFFFF;
    }

    private static Encoding encoding(int tag, int bits) {
        if (tag == PCM) {
            switch (bits) {
                case 8:
                    return Encoding.UNSIGNED_8;
                case 16:
                    return Encoding.SIGNED_16;
                case 24:
                    return Encoding.SIGNED_24;
                case 32:
                    return Encoding.SIGNED_32;
                default:
            }
        } else if (tag == FLOAT && bits == 32) {
            return Encoding.FLOAT_32;
        } else if (tag == FLOAT && bits == 64) {
            return Encoding.FLOAT_64;
        }
        throw new JformersException("sound: got WAV format " + tag + " of " + bits + " bits, allowed " + PCM
                + " (PCM) of 8, 16, 24, 32 and " + FLOAT + " (float) of 32, 64");
    }
}
