package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.checkpoint.gguf.GgufType;
import org.jformers.tensor.DType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.gguf.GgufHeadWriter;
import org.jformers.text.gguf.GgufMetadata.TensorEntry;

/** Writes GGUF files: the head, then each tensor in the element type that it is to have, some rows at a time. */
public final class GgufWriter {
    private static final int PIECE = 1 << 20;
    private static final List<DType> FLOATS = List.of(DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16);

    /** A tensor and the type of its elements in the file. */
    public record Entry(String name, Tensor tensor, GgufType type) {
        long bytes() {
            return type.bytes(LongStream.of(tensor.shape()).boxed().toList(), "tensor " + quote(name));
        }
    }

    private final List<Entry> entries;
    private final byte[] head;
    private final long bytes;

    private GgufWriter(Map<String, Object> values, List<Entry> entries) {
        this.entries = entries;
        List<TensorEntry> places = new ArrayList<>();
        long offset = 0;
        for (Entry entry : entries) {
            List<Long> shape = LongStream.of(entry.tensor().shape()).boxed().toList();
            places.add(new TensorEntry(entry.name(), shape, entry.type().number(), offset));
            offset = aligned(offset + entry.bytes());
        }
        head = GgufHeadWriter.head(values, places);
        bytes = head.length + offset;
    }

    /**
     * Writes a file, whole or not at all.
     *
     * @param values for {@link GgufHeadWriter}, by name
     * @param entries tensors of real numbers; types are plain or those that are written
     * @throws CheckpointException if a number is not finite or too great for its type, or the file cannot be written;
     *     an older one is unchanged then
     */
    public static void write(Path file, Map<String, Object> values, List<Entry> entries) {
        for (Entry entry : entries) {
            boolean plain = entry.type().isPlain() && FLOATS.contains(entry.type().dtype());
            if (!plain && !entry.type().isWritten()) {
                throw new IllegalArgumentException(entry.type() + " is not written");
            }
        }
        GgufWriter writer = new GgufWriter(values, entries);
        AtomicFile.write(file, writer.bytes, writer::writeTo);
    }

    private static long aligned(long position) {
        return (position + GgufHeadWriter.ALIGNMENT - 1) / GgufHeadWriter.ALIGNMENT * GgufHeadWriter.ALIGNMENT;
    }

    private void writeTo(WritableByteChannel channel) throws IOException {
        AtomicFile.writeFully(channel, ByteBuffer.wrap(head));
        try {
            for (Entry entry : entries) {
                Scopes.run(() -> write(entry, channel));
                int gap = (int) (aligned(entry.bytes()) - entry.bytes());
                AtomicFile.writeFully(channel, ByteBuffer.allocate(gap));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void write(Entry entry, WritableByteChannel channel) {
        Tensor tensor = entry.tensor().detach();
        if (tensor.numel() == 0) {
            return;
        }
        long width = tensor.dim() == 0 ? 1 : tensor.size(tensor.dim() - 1);
        Tensor rows = tensor.dim() == 2 ? tensor : tensor.contiguous().view(-1, width);
        long height = Math.max(1, PIECE / width);
        for (long first = 0; first < rows.size(0); first += height) {
            long from = first;
            Scopes.run(() -> {
                Tensor piece = rows.narrow(0, from, Math.min(height, rows.size(0) - from));
                try {
                    AtomicFile.writeFully(channel, bytes(entry, piece));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static ByteBuffer bytes(Entry entry, Tensor piece) {
        GgufType type = entry.type();
        float[] values = Tensors.toFloats(piece);
        requireFinite(entry, values);
        if (!type.isPlain()) {
            byte[] blocks = new byte[values.length / type.blockElements() * type.blockBytes()];
            type.write(values, values.length / type.blockElements(), blocks);
            float[] back = new float[values.length];
            type.read(blocks, values.length / type.blockElements(), back);
            requireFinite(entry, back);
            return ByteBuffer.wrap(blocks);
        }
        Tensor plain = Tensors.ofFloats(values, values.length).to(type.dtype().scalarType());
        if (type.dtype() != DType.FLOAT32) {
            requireFinite(entry, Tensors.toFloats(plain.to(ScalarType.Float)));
        }
        byte[] copy = new byte[values.length * type.blockBytes()];
        new BytePointer(plain.data_ptr()).get(copy);
        return ByteBuffer.wrap(copy);
    }

    private static void requireFinite(Entry entry, float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new CheckpointException("GGUF: got a number in tensor " + quote(entry.name())
                        + " that is not finite, or not in " + entry.type() + ", allowed finite ones");
            }
        }
    }
}
