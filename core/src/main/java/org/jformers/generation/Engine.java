package org.jformers.generation;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.model.ConfigException;
import org.jformers.model.Decoding;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Generates for many requests at once, each with its own settings, seed, rules and listener, and what it would get
 * alone. A step reads the next token of every text in the making and parts of prompts, in one pass without padding.
 * Source: arXiv:2309.06180; prompts in parts: arXiv:2308.16369.
 *
 * <p>Requests may come from any thread; one thread at a time makes the steps. Uses a model that somebody else owns.
 * Owns what the texts in the making keep until closed; requests that are open then fail.
 */
public final class Engine implements AutoCloseable {
    private static final LongSupplier ANY_SEED = new SecureRandom()::nextLong;

    private final Model model;
    private final EngineSettings settings;
    private final Decoding decoding;
    private final Queue<Job> submitted = new ConcurrentLinkedQueue<>();
    private final Deque<Job> waiting = new ArrayDeque<>();
    private final List<Job> running = new ArrayList<>();
    private long evictions;
    private long tokensRead;

    /**
     * An engine over a model, which stays the caller's.
     *
     * @throws JformersException if the model cannot generate
     */
    public Engine(Model model, EngineSettings settings) {
        this.model = model;
        this.settings = settings;
        decoding = model.decoding(settings.cache());
    }

    /**
     * Hands in a prompt, or a source to be written about.
     *
     * @param controls a {@link Cancellation} or a {@link Deadline} among its rules ends the request wherever it is
     * @return its continuations, the best first, once a step has ended it
     * @throws JformersException if prompt and settings do not fit the model or the engine
     */
    public CompletableFuture<List<Continuation>> submit(int[] prompt, GenerationConfig config, Controls controls) {
        List<int[]> rows = List.of(prompt.clone());
        return Scopes.get(() -> submit(
                Prompt.of(model, rows, config), () -> Prompt.of(model, rows, config).inputs(), config, controls))
                .result().thenApply(all -> all.get(0));
    }

    /** The same for the prompts of one batch, which go on together. */
    Job submit(
            Prompt given, Supplier<ModelInputs> inputs, GenerationConfig config, Controls controls) {
        Prompt prompt = decoding.inParts() ? given : given.together();
        Plan plan = Plan.of(model, prompt, config, controls);
        if (controls.listener().isPresent()) {
            requireSingle("a listener", prompt, config);
        }
        requireRoom(plan.tokens() * sequences(prompt, config));
        Job job = new Job(inputs, prompt.ids_BS().length, plan, search(plan, prompt, config, controls),
                controls.listener());
        submitted.add(job);
        return job;
    }

    private Search search(Plan plan, Prompt prompt, GenerationConfig config, Controls controls) {
        long seed = controls.seed().orElseGet(ANY_SEED);
        controls.drafts().ifPresent(drafts -> {
            requireSingle("guessed tokens", prompt, config);
            if (!decoding.inParts()) {
                throw new JformersException("generation: got guessed tokens for " + model.identity().architecture()
                        + ", which cannot take tokens back; allowed models with keys and values");
            }
        });
        if (plan.guidance().isPresent() && !decoding.inParts()) {
            throw new ConfigException("generation: got guidance_scale " + config.guidanceScale() + " for "
                    + model.identity().architecture() + ", whose texts go on together; allowed 1");
        }
        if (controls.best().isPresent() && config.numBeams() > 1) {
            throw new ConfigException("generation: got scores of tokens with num_beams " + config.numBeams()
                    + ", allowed without beams, whose sequences have scores");
        }
        Sampler sampler = config.doSample() ? new MultinomialSampler(seed) : new GreedySampler();
        if (controls.drafts().isPresent()) {
            return new DraftedSearch(plan, prompt, sampler, config, controls, controls.drafts().get(), seed);
        }
        return config.numBeams() == 1
                ? new TokenSearch(plan, prompt, sampler, config, controls)
                : new BeamSearch(plan, prompt, sampler, config);
    }

    /**
     * Makes a step: admits, reads, scores, chooses, delivers, evicts.
     *
     * @return whether there is more to do
     */
    public boolean step() {
        try (NoGrad noGrad = new NoGrad()) {
            endThoseThatAreOver();
            admit();
            List<Job> scored = new ArrayList<>();
            List<Decoding.Reading> readings = new ArrayList<>();
            collect(scored, readings);
            if (!readings.isEmpty()) {
                Scopes.run(() -> read(readings).ifPresent(scores_RV -> deliver(scored, scores_RV)));
            }
        }
        running.removeIf(job -> job.result().isDone());
        evict();
        return !running.isEmpty() || !waiting.isEmpty() || !submitted.isEmpty();
    }

    /** How often a request had to give up its rows, to be read again later. */
    public long evictions() {
        return evictions;
    }

    /** How many tokens the model has read, of prompts and of texts. */
    public long tokensRead() {
        return tokensRead;
    }

    /** Makes steps until there is nothing more to do. */
    public void run() {
        boolean more = true;
        while (more) {
            more = step();
        }
    }

    /** Lets requests begin as long as there is room for them, in the order in which they came. */
    private void admit() {
        for (Job job = submitted.poll(); job != null; job = submitted.poll()) {
            waiting.add(job);
        }
        waiting.stream().filter(Job::over).toList().forEach(job -> {
            waiting.remove(job);
            job.finish(decoding);
        });
        while (!waiting.isEmpty() && (running.isEmpty() || used() + waiting.peek().tokens() < settings.tokens())
                && !isBeingRead(waiting.peek())) {
            Job job = waiting.poll();
            running.add(job);
            guarded(job, () -> job.begin(decoding));
        }
        running.removeIf(job -> job.result().isDone());
    }

    /** Whether it is worth while to wait a step or some for what another request reads. */
    private boolean isBeingRead(Job job) {
        return settings.cache().remembers() && running.stream().anyMatch(other -> other.isReadingFor(job));
    }

    private void endThoseThatAreOver() {
        running.forEach(job -> guarded(job, () -> job.settle(decoding)));
        running.stream()
                .filter(job -> !job.result().isDone() && (job.ended() || job.over()))
                .forEach(job -> job.finish(decoding));
        running.removeIf(job -> job.result().isDone());
    }

    /** What the step reads: a token of each text that is written, and of prompts as much as there is room for. */
    private void collect(List<Job> scored, List<Decoding.Reading> readings) {
        long room = settings.chunk();
        for (Job job : running) {
            List<Decoding.Reading> own = job.readings(room, decoding.inParts());
            if (own.stream().anyMatch(one -> one.tokens().length > Math.max(1, one.scored()) || one.scored() == 0)) {
                room -= own.stream().mapToLong(one -> one.tokens().length).sum();
                room = Math.max(0, room);
            }
            if (!own.isEmpty() && own.get(0).scored() > 0) {
                scored.add(job);
            }
            readings.addAll(own);
        }
    }

    private Optional<Tensor> read(List<Decoding.Reading> readings) {
        try {
            tokensRead += readings.stream().mapToLong(one -> one.tokens().length).sum();
            return Optional.of(Tensors.to(decoding.read(readings), Device.CPU));
        } catch (RuntimeException | Error e) {
            running.forEach(job -> job.fail(e, decoding));
            return Optional.empty();
        }
    }

    private void deliver(List<Job> scored, Tensor scores_RV) {
        long from = 0;
        for (Job job : scored) {
            long rows = job.rows();
            Tensor own_RV = scores_RV.narrow(0, from, rows);
            from += rows;
            guarded(job, () -> job.take(own_RV, decoding));
        }
    }

    /** What goes wrong in a request, its listener included, ends it and no other. */
    private void guarded(Job job, Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            job.fail(e, decoding);
        }
    }

    /** Takes the rows of the youngest requests where there are too many tokens; they are read again later. */
    private void evict() {
        while (running.size() > 1 && decoding.inParts() && used() > settings.tokens()) {
            evictions++;
            Job youngest = running.remove(running.size() - 1);
            youngest.release(decoding);
            waiting.addFirst(youngest);
        }
    }

    private long used() {
        return running.stream().mapToLong(Job::tokens).sum();
    }

    private void requireRoom(long tokens) {
        if (tokens > settings.tokens()) {
            throw new JformersException("generation: got a request that may have " + tokens
                    + " tokens, allowed " + settings.tokens() + " in this engine");
        }
    }

    private static long sequences(Prompt prompt, GenerationConfig config) {
        return (long) prompt.ids_BS().length * Math.max(config.numBeams(), config.numReturnSequences());
    }

    static void requireSingle(String what, Prompt prompt, GenerationConfig config) {
        if (sequences(prompt, config) > 1) {
            throw new ConfigException("generation: got " + what + " for " + prompt.ids_BS().length
                    + " prompts, num_beams " + config.numBeams() + ", num_return_sequences "
                    + config.numReturnSequences() + ", allowed for a single sequence");
        }
    }

    @Override
    public void close() {
        admitNothing();
        decoding.close();
    }

    private void admitNothing() {
        List<Job> open = new ArrayList<>(running);
        open.addAll(waiting);
        open.addAll(submitted);
        JformersException closed = new JformersException("generation: got a request in an engine that is closed");
        open.stream().filter(job -> !job.result().isDone()).forEach(job -> job.fail(closed, decoding));
        running.clear();
        waiting.clear();
        submitted.clear();
    }
}
