package org.jformers.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jformers.JformersException;
import org.jformers.generation.Cancellation;
import org.jformers.pipeline.LoadOptions;

/**
 * A model that answers, for LangChain4j.
 *
 * <pre>{@code
 * try (JformersChatModel model = JformersChatModel.builder().model("org/name").temperature(0).build()) {
 *     String answer = model.chat("What is a volcano?");
 * }
 * }</pre>
 *
 * <p>Calls of several threads are written together. Owns its model, which {@link #streaming} shares; closing it ends
 * what is written. What a request says is honoured or refused by name, with an {@link
 * dev.langchain4j.exception.UnsupportedFeatureException}: images, JSON as response format, calls that are forced, other
 * models, and tools where the model's template knows none. Numbers out of their range, prompts that are too long and
 * conversations that the template refuses are {@link JformersException}s.
 */
public final class JformersChatModel implements ChatModel, AutoCloseable {
    private final ChatWriter writer;
    private final ChatRequestParameters defaults;
    private final List<ChatModelListener> listeners;
    private final StreamingChatModel streaming;

    private JformersChatModel(
            ChatWriter writer, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
        this.writer = writer;
        this.defaults = defaults;
        this.listeners = listeners;
        streaming = new StreamedChat(writer, defaults, listeners);
    }

    /** What a model is made of. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The same model with answers that come piece by piece, on a thread of each. A {@code StreamingHandle} that is
     * cancelled ends its answer with the token that is being written, and nothing of it is heard any more. Calls of
     * tools are heard whole.
     */
    public StreamingChatModel streaming() {
        return streaming;
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        writer.check(request);
        return writer.begin(request, new Cancellation()).finish(ChatTurn.Listener.NONE).orElseThrow();
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return defaults;
    }

    @Override
    public List<ChatModelListener> listeners() {
        return listeners;
    }

    @Override
    public void close() {
        writer.close();
    }

    /** Says which model and how it answers where a request does not say. */
    public static final class Builder {
        private final DefaultChatRequestParameters.Builder<?> parameters = ChatRequestParameters.builder();
        private String model = "";
        private UnaryOperator<LoadOptions> options = chosen -> chosen;
        private OptionalLong seed = OptionalLong.empty();
        private List<ChatModelListener> listeners = List.of();

        private Builder() {}

        /** Its folder, its id on the hub, or whatever else {@link org.jformers.pipeline.Jformers} takes. */
        public Builder model(String name) {
            model = name;
            return this;
        }

        /** How it is loaded. */
        public Builder options(UnaryOperator<LoadOptions> chosen) {
            options = chosen;
            return this;
        }

        /** 0 for the likeliest token, up to 2. */
        public Builder temperature(double value) {
            parameters.temperature(value);
            return this;
        }

        /** Tokens are drawn from the likeliest that have this much of the probability together, 0 to 1. */
        public Builder topP(double value) {
            parameters.topP(value);
            return this;
        }

        /** Tokens are drawn from so many likeliest ones, 0 for all. */
        public Builder topK(int count) {
            parameters.topK(count);
            return this;
        }

        /** Most tokens of an answer; usually as many as there is room for, up to 4,096. */
        public Builder maxOutputTokens(int count) {
            parameters.maxOutputTokens(count);
            return this;
        }

        /** Texts that end an answer and are no part of it. */
        public Builder stopSequences(List<String> texts) {
            parameters.stopSequences(texts);
            return this;
        }

        /** Taken from the score of a token for each time that it was written, -2 to 2. */
        public Builder frequencyPenalty(double value) {
            parameters.frequencyPenalty(value);
            return this;
        }

        /** Taken from the score of each token that was written, -2 to 2. */
        public Builder presencePenalty(double value) {
            parameters.presencePenalty(value);
            return this;
        }

        /** Where the draws of each answer start: the same request gets the same answer. */
        public Builder seed(long value) {
            seed = OptionalLong.of(value);
            return this;
        }

        /** Any parameters, over those that were set before. */
        public Builder defaultRequestParameters(ChatRequestParameters values) {
            parameters.overrideWith(values);
            return this;
        }

        /** They hear of requests, answers and errors. */
        public Builder listeners(List<ChatModelListener> hear) {
            listeners = List.copyOf(hear);
            return this;
        }

        /**
         * Loads the model.
         *
         * @throws JformersException if there is no such model, it has no chat template, or a parameter is out of range
         * @throws dev.langchain4j.exception.UnsupportedFeatureException for parameters that are not supported
         */
        public JformersChatModel build() {
            ChatRequestParameters defaults = parameters.build();
            ChatWriter writer = ChatWriter.load(model, options, seed);
            try {
                writer.check(defaults);
                return new JformersChatModel(writer, defaults, listeners);
            } catch (RuntimeException e) {
                writer.close();
                throw e;
            }
        }
    }
}
