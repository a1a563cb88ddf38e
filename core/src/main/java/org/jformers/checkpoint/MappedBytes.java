package org.jformers.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.jformers.tensor.DType;
import org.jformers.tensor.Tensors;

/**
 * The bytes of a file as memory, of any size, private to this process. Owns the map, which stays until this object is
 * closed and the last view of it is gone.
 */
final class MappedBytes implements AutoCloseable {
    private static final int BLOCK_BYTES = 1 << 30;
    private static final int PIECE_BYTES = 1 << 18;

    private final Path path;
    private final Tensor bytes;

    private MappedBytes(Path path, Tensor bytes) {
        this.path = path;
        this.bytes = bytes;
    }

    /**
     * Maps a file.
     *
     * @throws CheckpointException if it cannot be opened or is shorter than {@code size}
     */
    static MappedBytes of(Path path, long size) {
        try {
            return new MappedBytes(path, Tensors.mapped(path, size));
        } catch (RuntimeException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new CheckpointException("cannot map " + path + ": " + reason, e);
        }
    }

    /** A part of the map as a vector; a copy where its place does not suit the type. */
    Tensor vector(long offset, long size, DType type) {
        Tensor part = bytes.narrow(0, offset, size);
        Tensor aligned = offset % type.bytes() == 0 ? part : part.clone();
        return aligned.view(type.scalarType());
    }

    /**
     * The same part in memory of its own. Unlike a copy of {@link #vector} it leaves no pages of the map resident.
     *
     * @throws CheckpointException if the file cannot be read any more or became shorter
     */
    Tensor read(long offset, long size, DType type) {
        Tensor vector = Tensors.empty(type.scalarType(), size / type.bytes());
        read(offset, vector);
        return vector;
    }

    /**
     * Fills a tensor in the processor's memory, whose elements lie one after the other, with the bytes from {@code
     * offset} on; past the map, too.
     *
     * @throws CheckpointException if the file cannot be read any more or became shorter
     */
    void read(long offset, Tensor into) {
        long size = into.numel() * into.element_size();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            for (long done = 0; done < size; ) {
                int block = (int) Math.min(BLOCK_BYTES, size - done);
                ByteBuffer buffer = new BytePointer(into.data_ptr())
                        .position(done)
                        .limit(done + block)
                        .asByteBuffer();
                while (buffer.hasRemaining()) {
                    if (channel.read(buffer, offset + done + buffer.position()) < 0) {
                        throw new EOFException("the file became shorter while it was read");
                    }
                }
                done += block;
            }
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + path + ": " + CheckpointException.reason(e), e);
        }
    }

    /** Takes some bytes of the file, one part after the other. */
    @FunctionalInterface
    interface Part {
        /**
         * @param bytes holds the part, from its beginning
         * @param count how many bytes it has
         * @param done how many bytes came before it
         */
        void take(byte[] bytes, int count, long done);
    }

    /**
     * Reads a part of the file past the map, a piece at a time.
     *
     * @param unit bytes that stay together; pieces are as large as many of them
     * @throws CheckpointException if the file cannot be read any more or became shorter
     */
    void eachPiece(long offset, long size, int unit, Part part) {
        byte[] bytes = new byte[(int) Math.min(size, (long) Math.max(1, PIECE_BYTES / unit) * unit)];
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            for (long done = 0; done < size; ) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, (int) Math.min(bytes.length, size - done));
                while (buffer.hasRemaining()) {
                    if (channel.read(buffer, offset + done + buffer.position()) < 0) {
                        throw new EOFException("the file became shorter while it was read");
                    }
                }
                part.take(bytes, buffer.limit(), done);
                done += buffer.limit();
            }
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + path + ": " + CheckpointException.reason(e), e);
        }
    }

    @Override
    public void close() {
        bytes.close();
    }
}
