package org.jformers.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jformers.JformersException;
import org.jspecify.annotations.Nullable;

/**
 * Reads WAV files: PCM of 8, 16, 24 and 32 bits, float of 32 and 64, any rate and number of channels, of which the mean
 * is taken. Chunks that say nothing about the waveform are passed over. Source: Microsoft and IBM, "Multimedia
 * Programming Interface and Data Specifications 1.0".
 */
public final class WavFile {
    /** Most bytes of a file: nine hours of 16 bits at 16 kHz. */
    public static final long MOST_BYTES = 1L << 30;

    private static final int HEADER = 12;
    private static final int CHUNK = 8;
    /** What programs that write to a pipe give as a length, which they do not know. */
    private static final long TO_THE_END = 0xFFFF_FFFFL;

    private WavFile() {}

    /**
     * Reads a file.
     *
     * @throws JformersException if it is no WAV file that can be read, cut off, or too large
     */
    public static Sound read(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new JformersException("sound: got " + Files.size(file) + " bytes, allowed at most " + MOST_BYTES);
            }
            return read(Files.readAllBytes(file));
        } catch (JformersException e) {
            throw new JformersException(e.getMessage() + ", in " + file, e);
        } catch (IOException e) {
            throw new JformersException("sound: cannot be read, " + e.getMessage() + ", " + file, e);
        }
    }

    /**
     * Reads the bytes of a file.
     *
     * @throws JformersException if they are no WAV file that can be read, or cut off
     */
    public static Sound read(byte[] bytes) {
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < HEADER || !name(file, 0).equals("RIFF") || !name(file, CHUNK).equals("WAVE")) {
            throw new JformersException("sound: got a file of another kind, allowed WAV (RIFF)");
        }
        WavFormat format = null;
        long at = HEADER;
        while (at + CHUNK <= bytes.length) {
            int start = (int) at + CHUNK;
            String name = name(file, (int) at);
            long length = file.getInt((int) at + 4) & TO_THE_END;
            if (name.equals("data") && length == TO_THE_END) {
                length = bytes.length - start;
            }
            if ((name.equals("fmt ") || name.equals("data")) && start + length > bytes.length) {
                throw new JformersException("sound: got " + (bytes.length - start) + " bytes of a chunk \"" + name
                        + "\" of " + length + ", the file is cut off");
            }
            if (name.equals("fmt ")) {
                format = WavFormat.of(file.slice(start, (int) length).order(ByteOrder.LITTLE_ENDIAN));
            } else if (name.equals("data")) {
                return sound(file.slice(start, (int) length).order(ByteOrder.LITTLE_ENDIAN), format);
            }
            at = start + length + (length & 1); // chunks begin at even places
        }
        throw new JformersException("sound: got no chunk \"data\", allowed a WAV file that has one");
    }

    private static Sound sound(ByteBuffer data, @Nullable WavFormat format) {
        if (format == null) {
            throw new JformersException("sound: got a chunk \"data\" without \"fmt \" before it");
        }
        if (data.remaining() % format.block() != 0) {
            throw new JformersException("sound: got " + data.remaining() + " bytes of samples, allowed a multiple of "
                    + format.block());
        }
        float[] samples = new float[data.remaining() / format.block()];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = format.mean(data, i * format.block());
        }
        return new Sound(samples, format.rate());
    }

    private static String name(ByteBuffer file, int at) {
        byte[] name = new byte[4];
        file.get(at, name);
        return new String(name, StandardCharsets.ISO_8859_1);
    }
}
