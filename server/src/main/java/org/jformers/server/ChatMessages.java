package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jformers.pipeline.answer.Conversations;

/** The messages and functions of a chat as its template reads them: plain data. */
final class ChatMessages {
    private static final int MOST = 4_096;
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool");
    private static final String CONTENT = "content";

    private final Json json;
    private final Conversations template;

    ChatMessages(Json json, Conversations template) {
        this.json = json;
        this.template = template;
    }

    /** The conversation of a request. */
    List<Map<String, Object>> messages(Fields request) {
        List<Map<String, Object>> messages = new ArrayList<>();
        List<JsonNode> given = request.list("messages", MOST);
        for (int i = 0; i < given.size(); i++) {
            messages.add(message(request.within("messages[" + i + "]", given.get(i))));
        }
        if (messages.isEmpty()) {
            throw request.wrong("messages", "none", "at least one");
        }
        return messages;
    }

    private Map<String, Object> message(Fields fields) {
        String role = fields.requireText("role");
        if (!ROLES.contains(role)) {
            throw fields.wrong("role", "another one", ROLES.stream().sorted().toList().toString());
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role.equals("developer") && !template.names(role) ? "system" : role);
        List<Map<String, Object>> calls = role.equals("assistant") ? calls(fields) : List.of();
        if (fields.find(CONTENT).isEmpty() && calls.isEmpty()) {
            throw fields.wrong(CONTENT, "nothing", "a text");
        }
        message.put(CONTENT, fields.find(CONTENT).isPresent() ? content(fields) : "");
        fields.text("name").ifPresent(name -> message.put("name", name));
        if (!calls.isEmpty()) {
            message.put("tool_calls", calls);
        }
        if (role.equals("tool")) {
            message.put("tool_call_id", fields.requireText("tool_call_id"));
        }
        fields.requireNothingElse();
        return message;
    }

    /** A text, or parts that are texts. */
    private static String content(Fields fields) {
        JsonNode content = fields.require(CONTENT);
        if (content.isTextual()) {
            return fields.text(CONTENT, content);
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode each : fields.list(CONTENT, MOST)) {
            Fields part = fields.within(CONTENT, each);
            part.only("type", "text");
            text.append(part.requireText("text"));
            part.requireNothingElse();
        }
        return text.toString();
    }

    private List<Map<String, Object>> calls(Fields fields) {
        List<Map<String, Object>> calls = new ArrayList<>();
        for (JsonNode each : fields.list("tool_calls", MOST)) {
            Fields call = fields.within("tool_calls", each);
            Fields function = call.within("function");
            Map<String, Object> named = called(function);
            function.requireNothingElse();
            call.only("type", "function");
            Map<String, Object> plain = new LinkedHashMap<>();
            call.text("id").ifPresent(id -> plain.put("id", id));
            plain.put("type", "function");
            plain.put("function", named);
            call.requireNothingElse();
            calls.add(plain);
        }
        return calls;
    }

    /** Name and arguments of a call: these are text in OpenAI's API and an object in templates. */
    Map<String, Object> called(Fields function) {
        Map<String, Object> named = new LinkedHashMap<>();
        named.put("name", function.requireText("name"));
        String arguments = function.text("arguments").orElse("{}");
        JsonNode read = json.read(arguments.isBlank() ? "{}" : arguments);
        if (!read.isObject()) {
            throw function.wrong("arguments", Fields.kind(read), "the JSON of an object");
        }
        named.put("arguments", json.plain(read));
        return named;
    }

    /** The functions of a request; none where it wants none. */
    List<Object> tools(Fields request) {
        List<JsonNode> tools = new ArrayList<>();
        for (JsonNode each : request.list("tools", MOST)) {
            Fields tool = request.within("tools", each);
            tool.only("type", "function");
            requireFunction(tool.within("function"));
            tool.requireNothingElse();
            tools.add(each);
        }
        return chosen(request, tools);
    }

    /** Refuses what is no function. */
    void requireFunction(Fields function) {
        function.requireText("name");
        function.text("description");
        function.within("parameters");
        function.only("strict", "false");
        function.requireNothingElse();
    }

    /** Functions as the template reads them; none where the request wants none. */
    List<Object> chosen(Fields request, List<? extends JsonNode> tools) {
        String choice = request.find("tool_choice").map(value -> value.isTextual() ? value.textValue() : "a function")
                .orElse("auto");
        if (!choice.equals("auto") && !choice.equals("none")) {
            throw new ApiException(ApiException.Kind.UNSUPPORTED, "tool_choice",
                    "tool_choice: got one that forces a call, which is not supported, allowed auto, none");
        }
        if (!tools.isEmpty() && template.tools().isEmpty()) {
            throw new ApiException(ApiException.Kind.UNSUPPORTED, "tools",
                    "tools: got functions for a model whose template knows none, or in a form that is not known");
        }
        return choice.equals("none") ? List.of() : tools.stream().map(json::plain).toList();
    }
}
