package org.jformers.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Work that falls into independent pieces, done side by side on as many threads as one operator may use, each of which
 * runs its operators alone: threads that share an operator wait for each other at its end, and for as long as it takes
 * where one of them has lost its core to another program. The threads are those of the process, and idle between calls.
 */
public final class Workers {
    private final ThreadPoolExecutor pool;

    /** Made at first use. */
    private static final class Shared {
        static final Workers WORKERS = new Workers(Engine.currentThreads());
    }

    /** @param threads at least two */
    Workers(int threads) {
        int usual = Engine.currentThreads();
        CountDownLatch started = new CountDownLatch(threads);
        pool = new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
            Thread thread = new Thread(() -> {
                Engine.currentThreads(); // a thread takes over the common number when it first asks, and not later
                Engine.useThreads(1);
                started.countDown();
                work.run();
            }, "jformers-worker");
            thread.setDaemon(true);
            return thread;
        });
        pool.prestartAllCoreThreads();
        boolean interrupted = false;
        while (started.getCount() > 0) {
            try {
                started.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        Engine.useThreads(usual); // what the threads asked for themselves is also what later threads would begin with
        restore(interrupted);
    }

    /**
     * Does pieces 0 to {@code count} - 1, in no order, and returns when all are done. The pieces run in scopes and
     * under settings of their own threads. One piece, and pieces of a piece, run on the calling thread.
     *
     * @throws RuntimeException what one of the pieces threw; those that had not begun are left out then
     */
    public static void each(int count, IntConsumer piece) {
        if (Math.min(count, Engine.currentThreads()) <= 1) {
            IntStream.range(0, count).forEach(piece);
            return;
        }
        Shared.WORKERS.run(count, piece);
    }

    void run(int count, IntConsumer piece) {
        int threads = Math.min(count, pool.getCorePoolSize());
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> parts = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            parts.add(pool.submit(() -> {
                try {
                    for (int at = next.getAndIncrement(); at < count; at = next.getAndIncrement()) {
                        piece.accept(at);
                    }
                } catch (RuntimeException | Error e) {
                    next.set(count);
                    throw e;
                }
            }));
        }
        Throwable failure = null;
        for (Future<?> part : parts) {
            Throwable thrown = ended(part);
            failure = failure == null ? thrown : failure;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw (RuntimeException) failure;
        }
    }

    /** Waits for the end, also where the waiting thread is interrupted: what runs uses the caller's model. */
    private static @Nullable Throwable ended(Future<?> part) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    part.get();
                    return null;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    return e.getCause();
                }
            }
        } finally {
            restore(interrupted);
        }
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
