package org.jformers.text.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of a GGUF file: named values and the list of tensors, without the tensors' data.
 *
 * <p>Reference: the GGUF specification of ggml, versions 2 and 3, little-endian.
 *
 * @param values the named values in the order of the file: {@link Long} for every kind of integer (an unsigned one
 *     beyond {@link Long#MAX_VALUE} is negative), {@link Double} for floats, {@link Boolean}, {@link String}, and for
 *     arrays {@code long[]}, {@code double[]}, {@code boolean[]}, or a {@link List} of strings or arrays
 * @param tensors the tensors in the order of the file
 * @param dataStart the place in the file from which the tensors' offsets count
 * @param file where it was read from
 */
public record GgufMetadata(Map<String, Object> values, List<TensorEntry> tensors, long dataStart, Path file) {

    private static final long MAX_FLOATS = 1_000_000;

    /**
     * One tensor.
     *
     * @param name its name
     * @param shape its sizes, slowest dimension first (the file lists them the other way round)
     * @param type ggml's number for the element type: 0 is float32, 1 float16, 8 Q8_0 and so on
     * @param offset where its data begin, in bytes from {@link GgufMetadata#dataStart}
     */
    public record TensorEntry(String name, List<Long> shape, int type, long offset) {}

    /**
     * Reads the head of a file.
     *
     * @throws GgufException if it is no GGUF file, truncated, damaged, or of another version or byte order
     */
    public static GgufMetadata read(Path file) {
        return GgufReader.read(file);
    }

    /**
     * The numbers of a tensor of float32.
     *
     * @throws GgufException if it is of another type, has more than a million numbers, or reaches beyond the file
     */
    public float[] floats(TensorEntry tensor) {
        long count = 1;
        for (long length : tensor.shape()) {
            count = length > MAX_FLOATS ? MAX_FLOATS + 1 : Math.min(MAX_FLOATS + 1, count * length);
        }
        if (tensor.type() != 0 || count > MAX_FLOATS) {
            throw new GgufException("tensor " + tensor.name() + " of shape " + tensor.shape() + " and type "
                    + tensor.type() + ", needed are at most " + MAX_FLOATS + " numbers of float32, in " + file);
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, dataStart + tensor.offset() + bytes.position()) < 0) {
                    throw new GgufException("tensor " + tensor.name() + " reaches beyond the end, in " + file);
                }
            }
        } catch (IOException e) {
            throw new GgufException("cannot read " + file + ": " + e.getMessage(), e);
        }
        float[] numbers = new float[(int) count];
        bytes.flip().asFloatBuffer().get(numbers);
        return numbers;
    }

    public boolean has(String key) {
        return values.containsKey(key);
    }

    /** A string. Throws {@link GgufException} if the key is missing or holds something else, as do all of these. */
    public String text(String key) {
        return value(key, String.class, "a string");
    }

    public long integer(String key) {
        return value(key, Long.class, "an integer");
    }

    public double real(String key) {
        Object value = values.get(key);
        return value instanceof Long number ? number : value(key, Double.class, "a number");
    }

    public boolean flag(String key) {
        return value(key, Boolean.class, "true or false");
    }

    public String text(String key, String fallback) {
        return has(key) ? text(key) : fallback;
    }

    public long integer(String key, long fallback) {
        return has(key) ? integer(key) : fallback;
    }

    public double real(String key, double fallback) {
        return has(key) ? real(key) : fallback;
    }

    public boolean flag(String key, boolean fallback) {
        return has(key) ? flag(key) : fallback;
    }

    /** An array of strings. */
    public List<String> texts(String key) {
        List<?> list = value(key, List.class, "an array of strings");
        if (!list.stream().allMatch(String.class::isInstance)) {
            throw wrong(key, "an array of strings", list);
        }
        return Collections.unmodifiableList(list.stream().map(String.class::cast).toList());
    }

    /** An array of integers. */
    public long[] integers(String key) {
        return value(key, long[].class, "an array of integers").clone();
    }

    /** An array of numbers. */
    public double[] reals(String key) {
        return values.get(key) instanceof long[] integers
                ? Arrays.stream(integers).asDoubleStream().toArray()
                : value(key, double[].class, "an array of numbers").clone();
    }

    private <T> T value(String key, Class<T> type, String expected) {
        Object value = values.get(key);
        if (!type.isInstance(value)) {
            throw wrong(key, expected, value);
        }
        return type.cast(value);
    }

    private GgufException wrong(String key, String expected, @Nullable Object value) {
        String got = value == null ? "nothing" : value.getClass().getSimpleName();
        return new GgufException("GGUF key " + key + " must be " + expected + ", got " + got + ", in " + file);
    }
}
