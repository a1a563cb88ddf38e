package org.jformers.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that appears whole or not at all: written under a temporary name in the same folder, forced to the disk, then
 * renamed over the old one. Whatever goes wrong before the rename leaves the old file as it was and no temporary file.
 *
 * <p>{@link #write} does it in one call. Several files that belong together are staged first and committed last.
 * Replacing, not truncating, keeps a memory map of the old file valid.
 */
public final class AtomicFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AtomicFile.class);

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Body {
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    /** Opens the temporary file; replaced by tests that need a disk that is full. */
    @FunctionalInterface
    interface Opener {
        FileChannel open(Path temporary) throws IOException;
    }

    private final Path target;
    private final Path temporary;
    private boolean committed;

    private AtomicFile(Path target, Path temporary) {
        this.target = target;
        this.temporary = temporary;
    }

    /**
     * Writes a whole file; folders that lack are made.
     *
     * @throws CheckpointException if the file cannot be written; the old one is unchanged then
     */
    public static void write(Path target, byte[] content) {
        try (AtomicFile file = stage(target, content)) {
            file.commit();
        }
    }

    /**
     * Writes a whole file; folders that lack are made.
     *
     * @param bytes how many bytes {@code body} will write, for the message when there is no room
     * @throws CheckpointException if the file cannot be written; the old one is unchanged then
     */
    public static void write(Path target, long bytes, Body body) {
        try (AtomicFile file = stage(target, bytes, body)) {
            file.commit();
        }
    }

    /** Writes and forces the temporary file only. The caller commits it, and closes it in any case. */
    public static AtomicFile stage(Path target, byte[] content) {
        return stage(target, content.length, channel -> writeFully(channel, ByteBuffer.wrap(content)));
    }

    /**
     * Writes and forces the temporary file only. The caller commits it, and closes it in any case.
     *
     * @param bytes how many bytes {@code body} will write, for the message when there is no room
     */
    public static AtomicFile stage(Path target, long bytes, Body body) {
        return stage(target, bytes, body, temporary ->
                FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    static AtomicFile stage(Path target, long bytes, Body body, Opener opener) {
        Path whole = target.toAbsolutePath();
        Path temporary = whole.resolveSibling("." + whole.getFileName() + "." + UUID.randomUUID() + ".tmp");
        AtomicFile file = new AtomicFile(whole, temporary);
        boolean staged = false;
        try {
            Files.createDirectories(whole.getParent());
            try (FileChannel channel = opener.open(temporary)) {
                body.writeTo(channel);
                channel.force(true);
            }
            staged = true;
            return file;
        } catch (IOException e) {
            file.close(); // before the free space is measured
            throw failed(whole, bytes, e);
        } finally {
            if (!staged) {
                file.close();
            }
        }
    }

    /** Puts the new file in place of the old one, in one step. */
    public void commit() {
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CheckpointException("cannot replace " + target + ": " + CheckpointException.reason(e)
                    + "; the file there before is unchanged", e);
        }
        committed = true;
        try (FileChannel folder = FileChannel.open(target.getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        } catch (IOException e) {
            // Windows opens no folders; the rename is in its journal.
            LOG.debug("cannot force the folder of {}", target, e);
        }
    }

    /** Removes the temporary file unless it was committed. */
    @Override
    public void close() {
        if (!committed && Files.exists(temporary)) {
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                LOG.warn("cannot remove the temporary file {}", temporary, e);
            }
        }
    }

    /** Writes all that remains in {@code buffer}. */
    static void writeFully(WritableByteChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static CheckpointException failed(Path target, long bytes, IOException cause) {
        return new CheckpointException(
                "cannot write " + target + ": " + CheckpointException.reason(cause) + " (needs " + bytes + " bytes, "
                        + free(target) + "); the file there before is unchanged", cause);
    }

    private static String free(Path target) {
        Path folder = target.resolveSibling("");
        for (Path above = folder.getParent(); above != null && !Files.isDirectory(folder); above = above.getParent()) {
            folder = above;
        }
        try {
            return Files.getFileStore(folder).getUsableSpace() + " free in " + folder;
        } catch (IOException e) {
            return "free space unknown";
        }
    }
}
