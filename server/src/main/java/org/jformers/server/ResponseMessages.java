package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jformers.pipeline.answer.Conversations;

/** The input and the functions of a response as the chat template reads them: plain data. */
final class ResponseMessages {
    private static final int MOST = 4_096;
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant");
    private static final Set<String> TEXTS = Set.of("input_text", "output_text", "text");
    private static final String CALLS = "tool_calls";

    private final ChatMessages chat;
    private final Conversations template;
    private final List<Map<String, Object>> messages = new ArrayList<>();

    ResponseMessages(Json json, Conversations template) {
        chat = new ChatMessages(json, template);
        this.template = template;
    }

    /** The conversation of a request. */
    List<Map<String, Object>> messages(Fields fields) {
        fields.text("instructions").ifPresent(text -> add("system", text));
        JsonNode input = fields.require("input");
        if (input.isTextual()) {
            add("user", fields.text("input", input));
            return messages;
        }
        List<JsonNode> given = fields.list("input", MOST);
        for (int i = 0; i < given.size(); i++) {
            item(fields.within("input[" + i + "]", given.get(i)));
        }
        if (messages.isEmpty()) {
            throw fields.wrong("input", "an empty list", "a text, messages, calls and their outputs");
        }
        return messages;
    }

    /** Items of answers that come back have an id and a status, which say nothing here. */
    private void item(Fields item) {
        String type = item.text("type").orElse("message");
        item.ignore("id", "status");
        switch (type) {
            case "message" -> message(item);
            case "function_call" -> call(item);
            case "function_call_output" ->
                add("tool", content(item, "output")).put("tool_call_id", item.requireText("call_id"));
            default -> throw new ApiException(ApiException.Kind.UNSUPPORTED, "input",
                    "input: got an item of a type that is not supported, allowed message, function_call, "
                    + "function_call_output");
        }
        item.requireNothingElse();
    }

    private void message(Fields item) {
        String role = item.requireText("role");
        if (!ROLES.contains(role)) {
            throw item.wrong("role", "another one", ROLES.stream().sorted().toList().toString());
        }
        add(role.equals("developer") && !template.names(role) ? "system" : role, content(item, "content"));
    }

    /** Calls that follow each other, or a text of the assistant, are one message of a chat. */
    private void call(Fields item) {
        Map<String, Object> last = messages.isEmpty() ? Map.of() : messages.get(messages.size() - 1);
        Map<String, Object> message = "assistant".equals(last.get("role")) ? last : add("assistant", "");
        List<Object> calls = new ArrayList<>();
        if (message.get(CALLS) instanceof List<?> before) {
            calls.addAll(before);
        }
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("id", item.requireText("call_id"));
        call.put("type", "function");
        call.put("function", chat.called(item));
        calls.add(call);
        message.put(CALLS, calls);
    }

    private Map<String, Object> add(String role, String content) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        messages.add(message);
        return message;
    }

    private static String content(Fields item, String name) {
        JsonNode content = item.require(name);
        if (content.isTextual()) {
            return item.text(name, content);
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode each : item.list(name, MOST)) {
            Fields part = item.within(name, each);
            if (!TEXTS.contains(part.requireText("type"))) {
                throw part.wrong("type", "another one", "input_text, output_text");
            }
            text.append(part.requireText("text"));
            part.ignore("annotations", "logprobs");
            part.requireNothingElse();
        }
        return text.toString();
    }

    /** The functions of a request, which stand without a {@code function} around them; none where it wants none. */
    List<Object> tools(Fields request) {
        List<ObjectNode> tools = new ArrayList<>();
        for (JsonNode each : request.list("tools", MOST)) {
            Fields tool = request.within("tools", each);
            tool.require("type");
            tool.only("type", "function");
            ObjectNode function = tool.rest();
            chat.requireFunction(tool);
            tools.add(Json.object().put("type", "function").set("function", function));
        }
        return chat.chosen(request, tools);
    }
}
