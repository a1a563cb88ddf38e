package org.jformers.hub;

import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The same work on several things at once. */
final class Parallel {
    private Parallel() {}

    /**
     * Works on every item and waits for all. The first failure ends the rest and is thrown.
     *
     * @param atOnce how many threads
     */
    static <T> void run(int atOnce, List<T> items, Consumer<T> work) {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, Math.min(atOnce, items.size())), task -> {
            Thread thread = new Thread(task, "jformers-hub");
            thread.setDaemon(true);
            return thread;
        });
        try {
            CompletionService<T> done = new ExecutorCompletionService<>(threads);
            items.forEach(item -> done.submit(() -> work.accept(item), item));
            for (int i = 0; i < items.size(); i++) {
                done.take().get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw HubClient.interrupted(e);
        } finally {
            end(threads);
        }
    }

    // Nobody writes into the cache any more when the call has ended.
    private static void end(ExecutorService threads) {
        threads.shutdownNow();
        try {
            threads.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
