package org.jformers.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Controls;
import org.jformers.pipeline.answer.Answer;
import org.jformers.pipeline.answer.AnswerRequest;
import org.jspecify.annotations.Nullable;

/**
 * The answers of a request, part by part, as the engine writes them. The engine never waits for whoever reads them;
 * what it keeps for them is bounded by the tokens that the request may get.
 */
final class Generation implements AutoCloseable {
    private final Exchange exchange;
    private final Quota quota;
    private final ServedText model;
    private final Turns.Turn turn;
    private final AtomicInteger open;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Cancellation cancellation = new Cancellation();
    private final int promptTokens;
    private final int choices;
    private int left;
    private int newTokens;
    private int recalled;

    /** A part of an answer, or what one failed of. */
    private record Event(Optional<Answer.Piece> piece, Optional<Throwable> failure) {}

    private Generation(
            Exchange exchange, Quota quota, ServedText model, Turns.Turn turn, TextRequest request) {
        this.exchange = exchange;
        this.quota = quota;
        this.model = model;
        this.turn = turn;
        left = request.answers();
        choices = request.choices();
        open = new AtomicInteger(left);
        promptTokens = request.prompts().stream().mapToInt(prompt -> prompt.length).sum();
    }

    /**
     * Waits for a turn and begins.
     *
     * @throws JformersException if there is no turn, or the request does not fit the model
     */
    static Generation begin(Exchange exchange, Quota quota, ServedText model, TextRequest request) {
        Turns.Turn turn = model.turns().take(exchange, request.answers());
        Generation generation = new Generation(exchange, quota, model, turn, request);
        quota.spend(exchange.client(), generation.promptTokens);
        int begun = 0;
        try {
            for (int[] prompt : request.prompts()) {
                for (int choice = 0; choice < request.choices(); choice++) {
                    generation.submit(begun, prompt, request);
                    begun++;
                }
            }
            return generation;
        } catch (RuntimeException | Error e) {
            generation.cancellation.cancel();
            generation.over(request.answers() - begun);
            if (e instanceof JformersException && !model.engine().alive()) {
                throw unloaded();
            }
            throw e;
        }
    }

    private void submit(int index, int[] prompt, TextRequest request) {
        Controls controls = Controls.NONE.withRule(exchange.cancellation()).withRule(cancellation);
        if (request.seed().isPresent()) {
            controls = controls.withSeed(request.seed().getAsLong() + index);
        }
        if (request.best().isPresent()) {
            controls = controls.withScores(request.best().getAsInt());
        }
        AnswerRequest answer = new AnswerRequest(
                index, prompt, request.config(), request.penalties(), request.stops());
        model.engine().answer(answer, model.tokenizer(), controls, this::add).whenComplete((last, failure) -> {
            over(1);
            if (failure == null) {
                last.end().ifPresent(end -> quota.spend(exchange.client(), end.tokens()));
                add(last);
            } else {
                events.add(new Event(Optional.empty(), Optional.of(failure)));
            }
        });
    }

    private void add(Answer.Piece piece) {
        events.add(new Event(Optional.of(piece), Optional.empty()));
    }

    private void over(int answers) {
        if (open.addAndGet(-answers) == 0) {
            turn.close();
        }
    }

    /**
     * Waits for the next part of any answer; empty when all have ended.
     *
     * @throws ApiException if the request is over, or an answer has failed
     */
    Optional<Answer.Piece> next() {
        while (left > 0) {
            exchange.requireOpen();
            Event event = poll();
            if (event == null) {
                continue;
            }
            if (event.failure().isPresent()) {
                exchange.requireOpen();
                throw failure(event.failure().get());
            }
            Answer.Piece piece = event.piece().orElseThrow();
            if (piece.end().isPresent()) {
                exchange.requireOpen(); // an end that a cancellation made is none
                left--;
                newTokens += piece.end().get().tokens();
                recalled += piece.index() % choices == 0 ? piece.end().get().recalled() : 0;
            }
            return Optional.of(piece);
        }
        return Optional.empty();
    }

    private @Nullable Event poll() {
        try {
            return events.poll(Exchange.LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException(ApiException.Kind.ENDING, "server: is shutting down");
        }
    }

    private RuntimeException failure(Throwable failure) {
        if (!model.engine().alive()) {
            return unloaded();
        }
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        return cause instanceof JformersException known
                ? new ApiException(ApiException.Kind.FAILED, String.valueOf(known.getMessage()))
                : new IllegalStateException("an answer failed", cause);
    }

    private static ApiException unloaded() {
        return new ApiException(ApiException.Kind.ENDING, "model: is being unloaded");
    }

    /** All parts that are still to come, put together by answer. */
    List<Whole> whole() {
        List<Whole> all = new ArrayList<>();
        IntStream.range(0, left).forEach(i -> all.add(new Whole()));
        for (Optional<Answer.Piece> piece = next(); piece.isPresent(); piece = next()) {
            all.get(piece.get().index()).add(piece.get());
        }
        return all;
    }

    int promptTokens() {
        return promptTokens;
    }

    /** Tokens of the answers that have ended. */
    int newTokens() {
        return newTokens;
    }

    /** What it took, in the form of OpenAI's API. */
    ObjectNode usage() {
        ObjectNode usage = Json.object()
                .put("prompt_tokens", promptTokens)
                .put("completion_tokens", newTokens)
                .put("total_tokens", promptTokens + newTokens);
        usage.putObject("prompt_tokens_details").put("cached_tokens", recalled);
        return usage;
    }

    /** Tokens of prompts that were not read again for the first answer to each. */
    int recalled() {
        return recalled;
    }

    /** Ends what is still written. */
    @Override
    public void close() {
        cancellation.cancel();
    }
}
