package org.jformers.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.DType;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Writes tensors as a safetensors file, byte for byte as the reference library does: widest types first, then by
 * name, the header padded to eight bytes so that every element is aligned.
 *
 * <p>The file replaces an older one in one step ({@link AtomicFile}), also when that one is mapped right now. Tensors
 * are streamed; one that is not contiguous or not in main memory is copied a block of rows at a time.
 */
public final class SafetensorsWriter {
    /** What transformers demands of files that hold PyTorch weights. */
    public static final Map<String, String> PYTORCH = Map.of("format", "pt");

    private static final JsonFactory JSON = new JsonFactory();
    private static final int ALIGNMENT = 8;
    private static final int CHUNK_BYTES = 16 << 20;

    private record Entry(String name, Tensor tensor, DType dtype, byte[] key) {
        static Entry of(String name, Tensor tensor) {
            if (name.equals(SafetensorsHeader.METADATA)) {
                throw new CheckpointException("a tensor cannot be called " + SafetensorsHeader.METADATA);
            }
            return new Entry(name, tensor, DType.of(tensor), name.getBytes(StandardCharsets.UTF_8));
        }

        long bytes() {
            return tensor.numel() * dtype.bytes();
        }
    }

    private final List<Entry> entries;
    private final byte[] json;

    /**
     * Lays out a file; nothing is written yet.
     *
     * @param tensors by name; they must not change until the file is written
     * @param metadata free text for the header
     */
    SafetensorsWriter(Map<String, Tensor> tensors, Map<String, String> metadata) {
        entries = tensors.entrySet().stream()
                .map(e -> Entry.of(e.getKey(), e.getValue()))
                .sorted(Comparator.comparing(Entry::dtype)
                        .reversed()
                        .thenComparing(Entry::key, Arrays::compareUnsigned))
                .toList();
        json = json(metadata);
        if (json.length > SafetensorsHeader.MAX_JSON_BYTES) {
            throw new CheckpointException("the header of " + entries.size() + " tensors would have " + json.length
                    + " bytes, at most " + SafetensorsHeader.MAX_JSON_BYTES + " are allowed");
        }
    }

    /**
     * Writes a file that PyTorch loads.
     *
     * @throws CheckpointException if the file cannot be written; an older one is unchanged then
     */
    public static void write(Path file, Map<String, Tensor> tensors) {
        write(file, tensors, PYTORCH);
    }

    /**
     * Writes a file with metadata of one's own.
     *
     * @throws CheckpointException if the file cannot be written; an older one is unchanged then
     */
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        SafetensorsWriter writer = new SafetensorsWriter(tensors, metadata);
        AtomicFile.write(file, writer.bytes(), writer::writeTo);
    }

    /** The size of the file. */
    long bytes() {
        return SafetensorsHeader.LENGTH_BYTES
                + json.length
                + entries.stream().mapToLong(Entry::bytes).sum();
    }

    void writeTo(WritableByteChannel channel) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES + json.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        AtomicFile.writeFully(channel, header.putLong(json.length).put(json).flip());
        for (Entry entry : entries) {
            try {
                Scopes.run(() -> stream(channel, entry.tensor().detach().resolve_conj().resolve_neg()));
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
    }

    private static void stream(WritableByteChannel channel, Tensor tensor) {
        if (tensor.numel() == 0) {
            return;
        }
        if (tensor.is_cpu() && tensor.is_contiguous()) {
            streamMemory(channel, tensor);
            return;
        }
        Tensor matrix = tensor.dim() == 0 ? tensor.view(1) : tensor;
        long height = matrix.size(0);
        long rows = Math.max(1, CHUNK_BYTES / (matrix.numel() * matrix.itemsize() / height));
        for (long row = 0; row < height; row += rows) {
            long first = row;
            Scopes.run(() -> {
                Tensor block = matrix.narrow(0, first, Math.min(rows, height - first));
                streamMemory(channel, Tensors.to(block, Device.CPU).contiguous());
            });
        }
    }

    private static void streamMemory(WritableByteChannel channel, Tensor tensor) {
        long bytes = tensor.numel() * tensor.itemsize();
        BytePointer memory = new BytePointer(tensor.data_ptr());
        for (long start = 0; start < bytes; start += CHUNK_BYTES) {
            memory.position(start).limit(Math.min(bytes, start + CHUNK_BYTES));
            try {
                AtomicFile.writeFully(channel, memory.asByteBuffer());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private byte[] json(Map<String, String> metadata) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            if (!metadata.isEmpty()) {
                out.writeObjectFieldStart(SafetensorsHeader.METADATA);
                for (Map.Entry<String, String> entry : metadata.entrySet()) {
                    out.writeStringField(entry.getKey(), entry.getValue());
                }
                out.writeEndObject();
            }
            long position = 0;
            for (Entry entry : entries) {
                out.writeObjectFieldStart(entry.name());
                out.writeStringField("dtype", entry.dtype().code());
                out.writeFieldName("shape");
                long[] shape = entry.tensor().shape();
                out.writeArray(shape, 0, shape.length);
                out.writeFieldName("data_offsets");
                out.writeArray(new long[] {position, position + entry.bytes()}, 0, 2);
                out.writeEndObject();
                position += entry.bytes();
            }
            out.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        int padding = (ALIGNMENT - bytes.size() % ALIGNMENT) % ALIGNMENT;
        bytes.writeBytes(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
        return bytes.toByteArray();
    }
}
