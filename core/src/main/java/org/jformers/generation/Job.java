package org.jformers.generation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Decoding;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Scopes;

/** A request at work: its search, and the rows that its sequences have in a decoding. */
final class Job {
    private final Supplier<ModelInputs> inputs;
    private final int prompts;
    private final Plan plan;
    private final Search search;
    private final CompletableFuture<List<List<Continuation>>> result = new CompletableFuture<>();
    private final Optional<TokenListener> listener;
    private boolean begun;
    private boolean told;

    /**
     * @param inputs what the rows begin with, in the caller's scope
     * @param prompts how many there are
     * @param listener of a single sequence
     */
    Job(Supplier<ModelInputs> inputs, int prompts, Plan plan, Search search, Optional<TokenListener> listener) {
        this.inputs = inputs;
        this.prompts = prompts;
        this.plan = plan;
        this.search = search;
        this.listener = listener;
    }

    CompletableFuture<List<List<Continuation>>> result() {
        return result;
    }

    /** The result of a job that has ended, or what it failed of. */
    List<List<Continuation>> outcome() {
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
    }

    boolean over() {
        return result.isDone() || plan.over();
    }

    boolean ended() {
        return result.isDone() || search.strands().isEmpty();
    }

    /** How many tokens its sequences have together. */
    long tokens() {
        return read().stream().mapToLong(Strand::tokens).sum();
    }

    /** The sequences that go on and, behind them, those that they are compared with. */
    private List<Strand> read() {
        List<Strand> strands = search.strands();
        return plan.guidance().isEmpty()
                ? strands
                : Stream.concat(strands.stream(), strands.stream().map(strand -> strand.other().orElseThrow()))
                        .toList();
    }

    /** Gives each sequence a row; those of one prompt share what it reads besides. */
    void begin(Decoding decoding) {
        if (begun) {
            return;
        }
        begun = true;
        Scopes.run(() -> {
            int[] rows = decoding.begin(inputs.get(), prompts);
            Set<Integer> taken = new HashSet<>();
            for (Strand strand : search.strands()) {
                int row = rows[strand.source()];
                strand.begins(taken.add(row) ? row : decoding.fork(row));
                strand.other().ifPresent(other -> other.begins(decoding.begin(ModelInputs.of(Map.of()), 1)[0]));
            }
            for (int row : rows) {
                if (!taken.contains(row)) {
                    decoding.end(row);
                }
            }
            read().forEach(strand -> strand.recall(decoding, plan.cache()));
        });
        if (!told) {
            told = true;
            listener.ifPresent(hears -> hears.recalled(search.strands().get(0).read()));
        }
    }

    /** Whether it is reading a prompt which another one goes on like for half of its length or more. */
    boolean isReadingFor(Job other) {
        if (read().stream().noneMatch(strand -> strand.unread() > strand.scored())) {
            return false;
        }
        List<Strand> waiting = other.search.strands();
        return !waiting.isEmpty() && search.strands().stream().anyMatch(
                strand -> 2 * strand.sharedWith(waiting.get(0)) >= waiting.get(0).prompt().length);
    }

    /**
     * What is to be read next.
     *
     * @param room how many tokens of prompts at most
     * @param inParts whether a prompt may be read in parts
     */
    List<Decoding.Reading> readings(long room, boolean inParts) {
        List<Strand> strands = read();
        long unread = strands.stream().mapToLong(Strand::unread).sum();
        long scored = rows();
        boolean all = !inParts || unread == scored || unread <= room;
        List<Decoding.Reading> readings = new ArrayList<>();
        long left = room;
        for (Strand strand : strands) {
            // Tokens to be scored are held back until those of all sequences can be read together.
            int count = all ? strand.unread() : (int) Math.min(left, strand.unread() - strand.scored());
            if (count > 0) {
                readings.add(new Decoding.Reading(strand.row(), strand.next(count), all ? strand.scored() : 0));
                strand.hasRead(count);
                left -= count;
            }
        }
        return readings;
    }

    /** The continuations so far. */
    List<List<Continuation>> continuations() {
        return search.result();
    }

    void settle(Decoding decoding) {
        search.settle(decoding);
    }

    /** How many tokens are scored at once. */
    long rows() {
        return read().stream().mapToLong(Strand::scored).sum();
    }

    void take(Tensor scores_RV, Decoding decoding) {
        Scopes.run(() -> search.take(
                plan.guidance().map(guidance -> guidance.guided(scores_RV)).orElse(scores_RV), decoding));
    }

    /** Lets the rows go; they are begun anew should it go on. */
    void release(Decoding decoding) {
        search.strands().forEach(strand -> strand.end(decoding));
        begun = false;
    }

    /** Ends with what there is. */
    void finish(Decoding decoding) {
        if (!search.strands().isEmpty()) {
            release(decoding);
            search.stop();
        }
        search.close();
        result.complete(search.result());
    }

    void fail(Throwable cause, Decoding decoding) {
        release(decoding);
        search.close();
        result.completeExceptionally(cause);
    }
}
