package org.jformers.langchain4j;

import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.onCompleteResponse;
import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.onCompleteToolCall;
import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.onPartialResponse;
import static dev.langchain4j.internal.InternalStreamingChatResponseHandlerUtils.withLoggingExceptions;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.List;
import org.jformers.generation.Cancellation;

/** Answers piece by piece. The engine never waits for whoever hears them. */
final class StreamedChat implements StreamingChatModel {
    private final ChatWriter writer;
    private final ChatRequestParameters defaults;
    private final List<ChatModelListener> listeners;

    StreamedChat(ChatWriter writer, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
        this.writer = writer;
        this.defaults = defaults;
        this.listeners = listeners;
    }

    /** What is not supported is thrown here, all other failures are told to the handler. */
    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        writer.check(request);
        // No daemon: what was begun is heard to its end, though the application's own threads have ended.
        new Thread(() -> stream(request, handler), "jformers-stream").start();
    }

    private void stream(ChatRequest request, StreamingChatResponseHandler handler) {
        Cancellation cancellation = new Cancellation();
        try {
            writer.begin(request, cancellation)
                    .finish(new Told(handler, new Handle(cancellation)))
                    .ifPresent(response -> onCompleteResponse(handler, response));
        } catch (RuntimeException | Error e) {
            withLoggingExceptions(() -> handler.onError(e));
        }
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return defaults;
    }

    @Override
    public List<ChatModelListener> listeners() {
        return listeners;
    }

    private record Handle(Cancellation cancellation) implements StreamingHandle {
        @Override
        public void cancel() {
            cancellation.cancel();
        }

        @Override
        public boolean isCancelled() {
            return cancellation.cancelled();
        }
    }

    private record Told(StreamingChatResponseHandler handler, Handle handle) implements ChatTurn.Listener {
        @Override
        public void text(String piece) {
            onPartialResponse(handler, piece, handle);
        }

        @Override
        public void call(int index, ToolExecutionRequest call) {
            onCompleteToolCall(handler, new CompleteToolCall(index, call));
        }
    }
}
