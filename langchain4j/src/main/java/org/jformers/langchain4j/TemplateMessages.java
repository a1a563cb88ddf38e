package org.jformers.langchain4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ChatMessageType;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jformers.JformersException;
import org.jformers.text.ForeignJson;

/** Messages and tools as chat templates read them: plain data, with OpenAI's names. */
final class TemplateMessages {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String CONTENT = "content";
    private static final String NAME = "name";

    private TemplateMessages() {}

    static List<Map<String, Object>> of(List<ChatMessage> messages) {
        return messages.stream().map(TemplateMessages::of).toList();
    }

    /** Whether it is a call of a tool or what came of one. */
    static boolean isAboutTools(ChatMessage message) {
        return message.type() == ChatMessageType.TOOL_EXECUTION_RESULT
                || message.type() == ChatMessageType.AI && ((AiMessage) message).hasToolExecutionRequests();
    }

    static Map<String, Object> of(ChatMessage message) {
        Map<String, Object> plain = new LinkedHashMap<>();
        switch (message.type()) {
            case SYSTEM -> {
                plain.put("role", "system");
                plain.put(CONTENT, ((SystemMessage) message).text());
            }
            case USER -> {
                UserMessage user = (UserMessage) message;
                plain.put("role", "user");
                plain.put(CONTENT, text(user.contents()));
                if (user.name() != null) {
                    plain.put(NAME, user.name());
                }
            }
            case AI -> {
                AiMessage answer = (AiMessage) message;
                plain.put("role", "assistant");
                plain.put(CONTENT, answer.text() == null ? "" : answer.text());
                if (answer.hasToolExecutionRequests()) {
                    plain.put("tool_calls",
                            answer.toolExecutionRequests().stream().map(TemplateMessages::call).toList());
                }
            }
            case TOOL_EXECUTION_RESULT -> {
                ToolExecutionResultMessage result = (ToolExecutionResultMessage) message;
                plain.put("role", "tool");
                plain.put(CONTENT, text(result.contents()));
                plain.put(NAME, result.toolName());
                if (result.id() != null) {
                    plain.put("tool_call_id", result.id());
                }
            }
            default -> throw new UnsupportedFeatureException("messages: messages of type " + message.type()
                    + " are not supported, allowed SYSTEM, USER, AI, TOOL_EXECUTION_RESULT");
        }
        return plain;
    }

    private static String text(List<Content> contents) {
        StringBuilder text = new StringBuilder();
        for (Content content : contents) {
            if (!(content instanceof TextContent part)) {
                throw new UnsupportedFeatureException("messages: content of type "
                        + content.type().name().toLowerCase(Locale.ROOT) + " is not supported, allowed texts");
            }
            text.append(part.text());
        }
        return text.toString();
    }

    /** Arguments are text in LangChain4j and an object in templates. */
    private static Map<String, Object> call(ToolExecutionRequest request) {
        Map<String, Object> plain = new LinkedHashMap<>();
        if (request.id() != null) {
            plain.put("id", request.id());
        }
        Map<String, Object> function = new LinkedHashMap<>();
        function.put(NAME, request.name());
        function.put("arguments", arguments(request));
        plain.putAll(function(function));
        return plain;
    }

    /** In this order, for templates write it as it comes. */
    private static Map<String, Object> function(Map<String, Object> function) {
        Map<String, Object> plain = new LinkedHashMap<>();
        plain.put("type", "function");
        plain.put("function", function);
        return plain;
    }

    private static Object arguments(ToolExecutionRequest request) {
        String text = request.arguments() == null || request.arguments().isBlank() ? "{}" : request.arguments();
        try {
            JsonNode read = JSON.readTree(text);
            if (read.isObject()) {
                return JSON.convertValue(read, Object.class);
            }
        } catch (JsonProcessingException e) {
            throw new JformersException("messages: got arguments of " + request.name() + " that are no valid JSON, "
                    + ForeignJson.problem(e), e);
        }
        throw new JformersException("messages: got arguments of " + request.name()
                + " that are no object, allowed the JSON of one");
    }

    static List<Map<String, Object>> ofTools(List<ToolSpecification> tools) {
        List<Map<String, Object>> plain = new ArrayList<>();
        for (ToolSpecification tool : tools) {
            if (Boolean.TRUE.equals(tool.strict())) {
                throw new UnsupportedFeatureException("toolSpecifications: strict tools are not supported, for nothing"
                        + " forces the form of a call; got " + tool.name());
            }
            Map<String, Object> function = new LinkedHashMap<>();
            function.put(NAME, tool.name());
            if (tool.description() != null) {
                function.put("description", tool.description());
            }
            function.put("parameters", JsonSchemaElementUtils.toMap(tool.parameters() == null
                    ? JsonObjectSchema.builder().build()
                    : tool.parameters()));
            plain.add(function(function));
        }
        return plain;
    }
}
