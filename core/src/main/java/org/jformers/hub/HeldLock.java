package org.jformers.hub;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** Holds a file's lock against the other threads and the other Java processes of this machine. */
final class HeldLock implements Closeable {
    // The system's lock belongs to the process, and closing any channel of its file ends it: one thread at a time.
    private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();
    private static final int PAUSE_MILLIS = 20;

    private final ReentrantLock threads;
    private final FileChannel channel;

    private HeldLock(ReentrantLock threads, FileChannel channel) {
        this.threads = threads;
        this.channel = channel;
    }

    /** Waits for the lock. */
    static HeldLock acquire(Path file) throws IOException, InterruptedException {
        ReentrantLock threads = THREADS.computeIfAbsent(file, path -> new ReentrantLock());
        threads.lockInterruptibly();
        FileChannel channel = null;
        try {
            PrivateFolders.createFor(file);
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
            // Not lock(): two processes of several threads may wait for each other's files for a moment, in which the
            // system sees a deadlock of processes.
            while (channel.tryLock() == null) {
                Thread.sleep(PAUSE_MILLIS);
            }
            return new HeldLock(threads, channel);
        } catch (IOException | RuntimeException | InterruptedException e) {
            if (channel != null) {
                channel.close();
            }
            threads.unlock();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close(); // the lock goes with it
        } finally {
            threads.unlock();
        }
    }
}
