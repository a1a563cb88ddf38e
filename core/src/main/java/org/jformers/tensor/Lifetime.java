package org.jformers.tensor;

import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jformers.JformersException;

/**
 * How long something native may be used. Many threads may use it at the same time; closing refuses further uses and
 * frees it when the last one has ended, so that nothing computes with memory that is gone.
 */
public final class Lifetime implements AutoCloseable {
    private final String name;
    private final Runnable free;
    private final ReentrantReadWriteLock uses = new ReentrantReadWriteLock();
    private volatile boolean closed;
    private boolean freed;

    /**
     * @param name what is used, named in errors
     * @param free frees it; runs once
     */
    public Lifetime(String name, Runnable free) {
        this.name = name;
        this.free = free;
    }

    /**
     * Runs {@code body}, which uses it. Closed meanwhile, it stays there until the body ends, uses within it included.
     *
     * @throws JformersException if it is closed
     */
    public <T> T use(Supplier<T> body) {
        uses.readLock().lock();
        try {
            if (closed && uses.getReadHoldCount() == 1) {
                throw new JformersException(name + ": got a use after it was closed, allowed before only");
            }
            return body.get();
        } finally {
            uses.readLock().unlock();
            if (closed) {
                free();
            }
        }
    }

    /** Whether it refuses uses. */
    public boolean closed() {
        return closed;
    }

    /** Refuses further uses, waits for those of other threads and frees it; within a use, when that ends. */
    @Override
    public void close() {
        closed = true;
        free();
    }

    private void free() {
        if (uses.getReadHoldCount() > 0) {
            return; // the use of this thread goes on, and frees it at its end
        }
        uses.writeLock().lock();
        try {
            if (!freed) {
                freed = true;
                free.run();
            }
        } finally {
            uses.writeLock().unlock();
        }
    }
}
