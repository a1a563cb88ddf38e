package org.jformers.text.gguf;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jformers.text.gguf.GgufMetadata.TensorEntry;

/**
 * Writes the head of a GGUF file, up to the place where the tensors begin. Reference: the GGUF specification of ggml,
 * version 3, little-endian.
 */
public final class GgufHeadWriter {
    /** Where tensors begin: at multiples of so many bytes, counted from the first one. */
    public static final int ALIGNMENT = 32;

    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final int VERSION = 3;
    private static final int UINT8 = 0;
    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    private GgufHeadWriter() {}

    /**
     * The head of a file.
     *
     * @param values {@link Integer} (written as unsigned), {@link Float}, {@link Boolean}, {@link String}, a {@link
     *     List} of strings, {@code int[]}, {@code float[]} and {@code byte[]}, by name
     * @param tensors in the order of their offsets, which are multiples of {@link #ALIGNMENT}
     * @throws IllegalArgumentException if a value is of another kind
     */
    public static byte[] head(Map<String, Object> values, List<TensorEntry> tensors) {
        GgufHeadWriter writer = new GgufHeadWriter();
        try {
            writer.write(values, tensors);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return writer.bytes.toByteArray();
    }

    private void write(Map<String, Object> values, List<TensorEntry> tensors) throws IOException {
        integer(MAGIC);
        integer(VERSION);
        count(tensors.size());
        count(values.size());
        for (Map.Entry<String, Object> value : values.entrySet()) {
            string(value.getKey());
            value(value.getKey(), value.getValue());
        }
        for (TensorEntry tensor : tensors) {
            string(tensor.name());
            integer(tensor.shape().size());
            for (int i = tensor.shape().size() - 1; i >= 0; i--) {
                count(tensor.shape().get(i));
            }
            integer(tensor.type());
            count(tensor.offset());
        }
        while (out.size() % ALIGNMENT != 0) {
            out.write(0);
        }
    }

    private void value(String key, Object value) throws IOException {
        if (value instanceof Integer number) {
            integer(UINT32);
            integer(number);
        } else if (value instanceof Float number) {
            integer(FLOAT32);
            integer(Float.floatToIntBits(number));
        } else if (value instanceof Boolean flag) {
            integer(BOOL);
            out.write(flag ? 1 : 0);
        } else if (value instanceof String text) {
            integer(STRING);
            string(text);
        } else {
            integer(ARRAY);
            array(key, value);
        }
    }

    private void array(String key, Object value) throws IOException {
        if (value instanceof List<?> texts) {
            begin(STRING, texts.size());
            for (Object text : texts) {
                string((String) text);
            }
        } else if (value instanceof int[] numbers) {
            begin(INT32, numbers.length);
            for (int number : numbers) {
                integer(number);
            }
        } else if (value instanceof float[] numbers) {
            begin(FLOAT32, numbers.length);
            for (float number : numbers) {
                integer(Float.floatToIntBits(number));
            }
        } else if (value instanceof byte[] numbers) {
            begin(UINT8, numbers.length);
            out.write(numbers);
        } else {
            throw new IllegalArgumentException("GGUF: got " + value + " for " + key + ", which no kind of value holds");
        }
    }

    private void begin(int kind, int length) throws IOException {
        integer(kind);
        count(length);
    }

    private void string(String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        count(utf8.length);
        out.write(utf8);
    }

    private void integer(int value) throws IOException {
        out.writeInt(Integer.reverseBytes(value));
    }

    private void count(long value) throws IOException {
        out.writeLong(Long.reverseBytes(value));
    }
}
