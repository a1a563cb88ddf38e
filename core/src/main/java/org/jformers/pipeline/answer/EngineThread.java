package org.jformers.pipeline.answer;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Continuation;
import org.jformers.generation.Controls;
import org.jformers.generation.Engine;
import org.jformers.generation.EngineSettings;
import org.jformers.generation.OccurrencePenalties;
import org.jformers.model.Model;
import org.jformers.model.surgery.Adapters;
import org.jformers.text.tokenizer.TokenStream;
import org.jformers.text.tokenizer.Tokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine of a model, or of a model with one of its adapters, and the thread that makes its steps: answers of any
 * callers are written together. May serve several threads.
 */
public final class EngineThread implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineThread.class);

    /** An adapter beside the model's weights. */
    public record Adapter(Adapters all, String name) {}

    private final Engine engine;
    private final Optional<Adapter> adapter;
    private final Semaphore work = new Semaphore(0);
    private final Thread thread;
    private boolean closed;

    /** @param model stays the caller's, who closes this before it */
    public EngineThread(String name, Model model, EngineSettings settings, Optional<Adapter> adapter) {
        engine = new Engine(model, settings);
        this.adapter = adapter;
        thread = new Thread(this::run, "jformers-engine-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Begins an answer.
     *
     * @param controls seed, scores, and rules that end it from outside
     * @param hears parts of it but the last one, on the thread of the engine, which waits meanwhile
     * @return its last part, completed on that thread
     * @throws JformersException if prompt and settings do not fit the model, or this is closed
     */
    public CompletableFuture<Answer.Piece> answer(
            AnswerRequest request, Tokenizer tokenizer, Controls controls, Consumer<Answer.Piece> hears) {
        TokenStream stream = tokenizer.stream();
        IntStream.of(request.prompt()).forEach(stream::next);
        Cancellation stopped = new Cancellation();
        Answer answer = new Answer(
                request.index(), request.config().eosTokenId(), stream, request.stops(), stopped, hears);
        Controls all = controls.withListener(answer).withRule(stopped);
        AnswerRequest.Penalties penalties = request.penalties();
        if (!penalties.none()) {
            all = all.withProcessor(new OccurrencePenalties(
                    penalties.presence(), penalties.frequency(), request.prompt().length));
        }
        return submit(request, all).thenApply(written -> answer.end(written.get(0)));
    }

    private synchronized CompletableFuture<List<Continuation>> submit(AnswerRequest request, Controls controls) {
        if (closed) {
            throw new JformersException("model: got a prompt, allowed until it is closed");
        }
        CompletableFuture<List<Continuation>> result = engine.submit(request.prompt(), request.config(), controls);
        work.release();
        return result;
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
    public boolean alive() {
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
