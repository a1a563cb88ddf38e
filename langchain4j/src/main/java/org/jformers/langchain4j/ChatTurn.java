package org.jformers.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jformers.JformersException;
import org.jformers.generation.Cancellation;
import org.jformers.pipeline.answer.Answer;
import org.jformers.pipeline.answer.ToolText;

/**
 * An answer on its way from the thread of the engine to that of whoever asked for it. What is kept between them is
 * bounded by the tokens that the answer may have.
 */
final class ChatTurn {
    private final String model;
    private final int promptTokens;
    private final ToolText tools;
    private final Cancellation cancellation;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private final List<ToolExecutionRequest> calls = new ArrayList<>();

    /** A part of the answer, or what it failed of. */
    private record Event(Optional<Answer.Piece> piece, Optional<Throwable> failure) {}

    /** Hears an answer as it comes. */
    interface Listener {
        Listener NONE = new Listener() {};

        default void text(String piece) {}

        default void call(int index, ToolExecutionRequest call) {}
    }

    ChatTurn(String model, int promptTokens, ToolText tools, Cancellation cancellation) {
        this.model = model;
        this.promptTokens = promptTokens;
        this.tools = tools;
        this.cancellation = cancellation;
    }

    void add(Answer.Piece piece) {
        events.add(new Event(Optional.of(piece), Optional.empty()));
    }

    void fail(Throwable failure) {
        events.add(new Event(Optional.empty(), Optional.of(failure)));
    }

    /**
     * Waits for the answer; empty if it was cancelled.
     *
     * @throws JformersException if the model was closed meanwhile, or this thread is interrupted
     */
    Optional<ChatResponse> finish(Listener hears) {
        while (true) {
            Event event = take();
            if (cancellation.cancelled()) {
                return Optional.empty();
            }
            Answer.Piece piece = event.piece().orElseThrow(() -> failure(event.failure().orElseThrow()));
            List<ToolText.Part> parts = new ArrayList<>(tools.take(piece.text()));
            if (piece.end().isPresent()) {
                parts.addAll(tools.finish());
            }
            for (ToolText.Part part : parts) {
                if (cancellation.cancelled()) {
                    return Optional.empty();
                }
                tell(part, hears);
            }
            if (piece.end().isPresent()) {
                return cancellation.cancelled() ? Optional.empty() : Optional.of(response(piece.end().get()));
            }
        }
    }

    private Event take() {
        try {
            return events.take();
        } catch (InterruptedException e) {
            cancellation.cancel();
            Thread.currentThread().interrupt();
            throw new JformersException("chat: was interrupted", e);
        }
    }

    private static RuntimeException failure(Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        return cause instanceof JformersException known
                ? new JformersException(String.valueOf(known.getMessage()), known)
                : new IllegalStateException("an answer failed", cause);
    }

    private void tell(ToolText.Part part, Listener hears) {
        if (part.call().isPresent()) {
            ToolText.Call call = part.call().get();
            calls.add(ToolExecutionRequest.builder()
                    .id("call_" + UUID.randomUUID()).name(call.name()).arguments(call.arguments()).build());
            hears.call(calls.size() - 1, calls.get(calls.size() - 1));
        } else {
            text.append(part.text());
            hears.text(part.text());
        }
    }

    private ChatResponse response(Answer.End end) {
        AiMessage.Builder message = AiMessage.builder().toolExecutionRequests(calls);
        if (calls.isEmpty() || !text.isEmpty()) {
            message.text(text.toString());
        }
        FinishReason reason = end.reason() == Answer.Reason.STOP ? FinishReason.STOP : FinishReason.LENGTH;
        return ChatResponse.builder()
                .aiMessage(message.build())
                .id("chat-" + UUID.randomUUID())
                .modelName(model)
                .tokenUsage(new TokenUsage(promptTokens, end.tokens()))
                .finishReason(calls.isEmpty() ? reason : FinishReason.TOOL_EXECUTION)
                .build();
    }
}
