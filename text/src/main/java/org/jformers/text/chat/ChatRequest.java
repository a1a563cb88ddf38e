package org.jformers.text.chat;

import java.time.Duration;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a chat template is rendered for. Values are plain data as a JSON reader gives them: maps with names, lists,
 * texts, numbers, truth values and null.
 *
 * @param messages the conversation, each message with at least a {@code role}
 * @param tools functions that the model may call, as JSON schemas
 * @param documents texts that the model may use
 * @param addGenerationPrompt whether the text ends where the assistant is to begin
 * @param variables further variables of the template, such as {@code enable_thinking}
 * @param now the time that {@code strftime_now} tells
 * @param timeLimit how long rendering may take; without it, work is limited, but not by the clock
 */
public record ChatRequest(
        List<?> messages,
        Optional<List<?>> tools,
        Optional<List<?>> documents,
        boolean addGenerationPrompt,
        Map<String, ?> variables,
        LocalDateTime now,
        Optional<Duration> timeLimit) {

    /** A conversation that the assistant is to continue, without tools. */
    public static ChatRequest of(List<?> messages) {
        return builder(messages).build();
    }

    /** What a conversation is rendered with. */
    public static Builder builder(List<?> messages) {
        return new Builder(messages);
    }

    /** Collects what belongs to a request. */
    public static final class Builder {
        private final List<?> messages;
        private final Map<String, Object> variables = new LinkedHashMap<>();
        private Optional<List<?>> tools = Optional.empty();
        private Optional<List<?>> documents = Optional.empty();
        private boolean addGenerationPrompt = true;
        private LocalDateTime now = LocalDateTime.now();
        private Optional<Duration> timeLimit = Optional.empty();

        private Builder(List<?> messages) {
            this.messages = messages;
        }

        /** Functions that the model may call, as JSON schemas. */
        public Builder tools(List<?> schemas) {
            tools = Optional.of(schemas);
            return this;
        }

        /** Texts that the model may use. */
        public Builder documents(List<?> texts) {
            documents = Optional.of(texts);
            return this;
        }

        /** Whether the text ends where the assistant is to begin; it does by default. */
        public Builder addGenerationPrompt(boolean add) {
            addGenerationPrompt = add;
            return this;
        }

        /** A further variable of the template; null is Python's {@code None}. */
        public Builder variable(String name, Object value) {
            variables.put(name, value);
            return this;
        }

        /** The time that {@code strftime_now} tells; the present one by default. */
        public Builder now(LocalDateTime time) {
            now = time;
            return this;
        }

        /** How long rendering may take. */
        public Builder timeLimit(Duration time) {
            timeLimit = Optional.of(time);
            return this;
        }

        /** The request. */
        public ChatRequest build() {
            return new ChatRequest(messages, tools, documents, addGenerationPrompt, variables, now, timeLimit);
        }
    }
}
