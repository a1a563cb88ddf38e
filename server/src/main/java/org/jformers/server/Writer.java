package org.jformers.server;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jformers.generation.Continuation;
import org.jformers.generation.Controls;
import org.jformers.generation.Engine;
import org.jformers.generation.EngineSettings;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.surgery.Adapters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine of a model, or of a model with one of its adapters, and the thread that makes its steps. */
final class Writer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);

    /** An adapter beside the model's weights. */
    record Adapter(Adapters all, String name) {}

    private final Engine engine;
    private final Optional<Adapter> adapter;
    private final Semaphore work = new Semaphore(0);
    private final Thread thread;
    private boolean closed;

    /** @param model stays the caller's, who closes this before it */
    Writer(String name, Model model, EngineSettings settings, Optional<Adapter> adapter) {
        engine = new Engine(model, settings);
        this.adapter = adapter;
        thread = new Thread(this::run, "jformers-engine-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Hands in a prompt; listeners are called on the thread of the engine.
     *
     * @throws org.jformers.JformersException if prompt and settings do not fit the model
     */
    synchronized CompletableFuture<Continuation> submit(int[] prompt, GenerationConfig config, Controls controls) {
        if (closed) {
            throw new ApiException(ApiException.Kind.ENDING, "model: is being unloaded");
        }
        CompletableFuture<List<Continuation>> result = engine.submit(prompt, config, controls);
        work.release();
        return result.thenApply(all -> all.get(0));
    }

    private void run() {
        if (adapter.isPresent()) {
            try (Adapters.Use use = adapter.get().all().use(adapter.get().name())) {
                loop();
            }
        } else {
            loop();
        }
    }

    private void loop() {
        try {
            while (!isClosed()) {
                if (!engine.step()) {
                    work.acquire();
                    work.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("{} was interrupted", thread.getName());
        } catch (RuntimeException | Error e) {
            LOG.error("{} has stopped: {}", thread.getName(), e.getClass().getName());
            LOG.debug("{} has stopped", thread.getName(), e);
        } finally {
            stop();
            engine.close();
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void stop() {
        closed = true;
    }

    /** Whether it takes prompts. */
    boolean alive() {
        return !isClosed() && thread.isAlive();
    }

    /** Ends all that is written; returns when nothing of the model is in use. */
    @Override
    public void close() {
        stop();
        work.release();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
