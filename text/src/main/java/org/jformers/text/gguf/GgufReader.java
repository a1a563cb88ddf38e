package org.jformers.text.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jformers.text.gguf.GgufMetadata.TensorEntry;

/** Reads the head of a GGUF file through a small buffer; every count is checked against what is left of the file. */
final class GgufReader {
    private static final int MAGIC = 0x46554747; // "GGUF"
    private static final int BUFFER = 1 << 16;
    /** ggml has no more. */
    private static final int MAX_DIMENSIONS = 4;
    private static final int MAX_ARRAY_DEPTH = 4;
    private static final long DEFAULT_ALIGNMENT = 32;

    private final Path file;
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN).limit(0);

    private GgufReader(Path file, FileChannel channel) throws IOException {
        this.file = file;
        this.channel = channel;
        size = channel.size();
    }

    static GgufMetadata read(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new GgufReader(file, channel).read();
        } catch (IOException e) {
            throw new GgufException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private GgufMetadata read() throws IOException {
        if (size < 24 || need(4).getInt() != MAGIC) {
            throw damaged("not a GGUF file");
        }
        int version = need(4).getInt();
        if (version != 2 && version != 3) {
            boolean swapped = Integer.reverseBytes(version) == 3;
            throw damaged("GGUF version must be 2 or 3, little-endian, got "
                    + (swapped ? "3, big-endian" : Integer.toString(version)));
        }
        long tensorCount = count(24, "tensors");
        long valueCount = count(13, "values");
        Map<String, Object> values = new LinkedHashMap<>();
        for (long i = 0; i < valueCount; i++) {
            String key = string();
            if (values.put(key, value(kind(need(4).getInt(), key), 0, key)) != null) {
                throw damaged("key " + key + " is there twice");
            }
        }
        List<TensorEntry> tensors = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            tensors.add(tensor());
        }
        long alignment = alignment(values);
        requirePlaces(tensors, alignment);
        long start = (position() + alignment - 1) / alignment * alignment;
        return new GgufMetadata(
                Collections.unmodifiableMap(values), Collections.unmodifiableList(tensors), start, file);
    }

    private long alignment(Map<String, Object> values) {
        Object set = values.getOrDefault("general.alignment", DEFAULT_ALIGNMENT);
        if (!(set instanceof Long alignment) || alignment < 1 || alignment > 1 << 20 || Long.bitCount(alignment) != 1) {
            throw damaged("general.alignment must be a power of two up to 1048576, got " + set);
        }
        return alignment;
    }

    /** As ggml requires it: tensors lie in the order of the list, each where the alignment allows. */
    private void requirePlaces(List<TensorEntry> tensors, long alignment) {
        long before = 0;
        for (TensorEntry tensor : tensors) {
            if (tensor.offset() % alignment != 0 || tensor.offset() < before) {
                throw damaged("tensor " + tensor.name() + " begins at " + tensor.offset()
                        + ", allowed are multiples of "
                        + alignment + " in the order of the list, from " + before + " on");
            }
            before = tensor.offset();
        }
    }

    private TensorEntry tensor() throws IOException {
        String name = string();
        int dimensions = need(4).getInt();
        if (dimensions < 0 || dimensions > MAX_DIMENSIONS) {
            throw damaged("tensor " + name + " has " + dimensions + " dimensions, allowed are 0 to " + MAX_DIMENSIONS);
        }
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            long length = need(8).getLong();
            if (length < 0) {
                throw damaged("tensor " + name + " has a dimension of " + Long.toUnsignedString(length));
            }
            shape.add(length);
        }
        Collections.reverse(shape);
        int type = need(4).getInt();
        long offset = need(8).getLong();
        if (offset < 0) {
            throw damaged("tensor " + name + " begins at " + Long.toUnsignedString(offset));
        }
        return new TensorEntry(name, List.copyOf(shape), type, offset);
    }

    /** Kinds of values, in the order of their numbers in the file, and their bytes. */
    private enum Kind {
        UINT8(1),
        INT8(1),
        UINT16(2),
        INT16(2),
        UINT32(4),
        INT32(4),
        FLOAT32(4),
        BOOL(1),
        STRING(8),
        ARRAY(12),
        UINT64(8),
        INT64(8),
        FLOAT64(8);

        private final int bytes;

        Kind(int bytes) {
            this.bytes = bytes;
        }
    }

    private Kind kind(int number, String key) throws IOException {
        if (number < 0 || number >= Kind.values().length) {
            throw damaged("key " + key + " has a value of the unknown kind " + number);
        }
        return Kind.values()[number];
    }

    private Object value(Kind kind, int depth, String key) throws IOException {
        return switch (kind) {
            case FLOAT32, FLOAT64 -> real(kind);
            case BOOL -> need(1).get() != 0;
            case STRING -> string();
            case ARRAY -> array(depth + 1, key);
            default -> integer(kind);
        };
    }

    private Object array(int depth, String key) throws IOException {
        if (depth > MAX_ARRAY_DEPTH) {
            throw damaged("key " + key + " nests arrays deeper than " + MAX_ARRAY_DEPTH);
        }
        Kind kind = kind(need(4).getInt(), key);
        int length = Math.toIntExact(Math.min(count(kind.bytes, "elements of " + key), Integer.MAX_VALUE - 8));
        switch (kind) {
            case STRING, ARRAY -> {
                List<Object> list = new ArrayList<>();
                for (int i = 0; i < length; i++) {
                    list.add(value(kind, depth, key));
                }
                return Collections.unmodifiableList(list);
            }
            case FLOAT32, FLOAT64 -> {
                double[] reals = new double[length];
                for (int i = 0; i < length; i++) {
                    reals[i] = real(kind);
                }
                return reals;
            }
            case BOOL -> {
                boolean[] flags = new boolean[length];
                for (int i = 0; i < length; i++) {
                    flags[i] = need(1).get() != 0;
                }
                return flags;
            }
            default -> {
                long[] integers = new long[length];
                for (int i = 0; i < length; i++) {
                    integers[i] = integer(kind);
                }
                return integers;
            }
        }
    }

    private double real(Kind kind) throws IOException {
        return kind == Kind.FLOAT32 ? need(4).getFloat() : need(8).getDouble();
    }

    private long integer(Kind kind) throws IOException {
        ByteBuffer bytes = need(kind.bytes);
        return switch (kind) {
            case UINT8 -> bytes.get() & 0xFF;
            case INT8 -> bytes.get();
            case UINT16 -> bytes.getShort() & 0xFFFF;
            case INT16 -> bytes.getShort();
            case UINT32 -> bytes.getInt() & 0xFFFFFFFFL;
            case INT32 -> bytes.getInt();
            default -> bytes.getLong();
        };
    }

    private String string() throws IOException {
        byte[] bytes = new byte[(int) Math.min(count(1, "bytes of a string"), Integer.MAX_VALUE - 8)];
        for (int done = 0; done < bytes.length; ) {
            int part = Math.min(bytes.length - done, BUFFER);
            need(part).get(bytes, done, part);
            done += part;
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** A number of things that take at least some bytes each; no more than the rest of the file can hold. */
    private long count(int bytesEach, String what) throws IOException {
        long count = need(8).getLong();
        if (count < 0 || count > (size - position()) / bytesEach) {
            throw damaged("truncated or damaged: " + Long.toUnsignedString(count) + " " + what + " do not fit in the "
                    + (size - position()) + " bytes that follow");
        }
        return count;
    }

    private long position() throws IOException {
        return channel.position() - buffer.remaining();
    }

    /** The buffer with at least so many bytes left, at most {@link #BUFFER}. */
    private ByteBuffer need(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            buffer.compact();
            while (buffer.position() < bytes) {
                if (channel.read(buffer) < 0) {
                    throw damaged("truncated: it ends after " + size + " bytes in the middle of its head");
                }
            }
            buffer.flip();
        }
        return buffer;
    }

    private GgufException damaged(String message) {
        return new GgufException(message + ", in " + file);
    }
}
