package org.jformers.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jformers.JformersException;
import org.jspecify.annotations.Nullable;

/**
 * Makes batches ahead of their use, on its own threads, in the order of the stream. Holds at most {@code depth} batches
 * and one in the making per thread. A failure while a batch is made is thrown where that batch would have been
 * returned. One thread may take batches; any may close.
 */
public final class Prefetcher implements Iterator<Batch>, AutoCloseable {
    private static final Future<Batch> END = CompletableFuture.completedFuture(null);
    private static final long CLOSE_SECONDS = 5;

    private final BlockingQueue<Future<Batch>> queue;
    private final ExecutorService workers;
    private final Thread planner;
    private final LongSupplier nanoTime;
    private volatile boolean closed;
    private @Nullable Future<Batch> head;
    private long firstDelivery;
    private long lastDelivery;
    private long waited;

    /**
     * @param batches each makes one batch, on any thread; asked for one after the other
     * @param threads number of threads that make batches
     * @param depth number of batches that may lie ready
     */
    Prefetcher(Iterator<Supplier<Batch>> batches, int threads, int depth) {
        this(batches, threads, depth, System::nanoTime);
    }

    /** The same by another clock, which the taker's thread alone reads. */
    Prefetcher(Iterator<Supplier<Batch>> batches, int threads, int depth, LongSupplier nanoTime) {
        if (threads < 1 || depth < 1) {
            throw new DataException("prefetch: threads and depth must be >= 1, got " + threads + " and " + depth);
        }
        this.nanoTime = nanoTime;
        queue = new ArrayBlockingQueue<>(depth);
        workers = Executors.newFixedThreadPool(threads, task -> daemon(task, "data-worker"));
        planner = daemon(() -> plan(batches), "data-planner");
        planner.start();
    }

    /** Batches of an endless stream, from where it stands. The stream now belongs to the prefetcher. */
    public static Prefetcher of(BatchStream stream, int threads, int depth) {
        return new Prefetcher(new Iterator<>() {
            @Override
            public boolean hasNext() {
                return true;
            }

            @Override
            public Supplier<Batch> next() {
                return stream.nextLater();
            }
        }, threads, depth);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    private void plan(Iterator<Supplier<Batch>> batches) {
        try {
            try {
                while (!closed && batches.hasNext()) {
                    Supplier<Batch> batch = batches.next();
                    queue.put(workers.submit(batch::get));
                }
                queue.put(END);
            } catch (RuntimeException | Error e) {
                queue.put(CompletableFuture.failedFuture(e));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** Whether there is another batch, or a failure to report; waits until that is known. */
    @Override
    public boolean hasNext() {
        long start = nanoTime.getAsLong();
        boolean more = head() != END;
        waited(start, nanoTime.getAsLong());
        return more;
    }

    @Override
    public Batch next() {
        long start = nanoTime.getAsLong();
        Future<Batch> next = head();
        if (next == END) {
            throw new NoSuchElementException("no more batches");
        }
        try {
            Batch batch = next.get();
            head = null;
            lastDelivery = nanoTime.getAsLong();
            waited(start, lastDelivery);
            if (firstDelivery == 0) {
                firstDelivery = lastDelivery;
            }
            return batch;
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (CancellationException e) {
            throw new IllegalStateException("the prefetcher is closed", e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * Share of the time between the first batch and the last that the taker spent waiting for the next one; 0 before
     * the second batch.
     */
    public double idleShare() {
        return lastDelivery == firstDelivery ? 0 : (double) waited / (lastDelivery - firstDelivery);
    }

    /** Stops the threads and drops what lies ready. */
    @Override
    public void close() {
        closed = true;
        planner.interrupt();
        try {
            planner.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            workers.shutdownNow().forEach(task -> ((Future<?>) task).cancel(true));
            queue.clear();
            queue.offer(END);
            workers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            workers.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private Future<Batch> head() {
        if (closed) {
            throw new IllegalStateException("the prefetcher is closed");
        }
        if (head == null) {
            try {
                head = queue.take();
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
        return head;
    }

    /** Filling the queue before the first batch is start-up, not idleness. */
    private void waited(long start, long end) {
        if (firstDelivery != 0) {
            waited += end - start;
        }
    }

    private static RuntimeException failure(@Nullable Throwable cause) {
        if (cause instanceof JformersException known) {
            return new DataException(known.getMessage(), known);
        }
        return new IllegalStateException("a batch could not be made: " + cause, cause);
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while waiting for a batch", e);
    }
}
