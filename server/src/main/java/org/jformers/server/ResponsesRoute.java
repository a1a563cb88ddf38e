package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jformers.pipeline.answer.Answer;
import org.jformers.pipeline.answer.Conversations;

/**
 * {@code POST /v1/responses} in its plain form: texts in, a text out, nothing stored, no tools. Source: OpenAI's API
 * reference, Responses.
 */
final class ResponsesRoute {
    private static final int MOST_ITEMS = 4_096;
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant");
    private static final Set<String> TEXTS = Set.of("input_text", "output_text", "text");

    private final Api api;

    ResponsesRoute(Api api) {
        this.api = api;
    }

    /** An answer in the making. */
    private record Response(ServedText model, TextRequest request, ObjectNode head, String message) {}

    void answer(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = api.lease(fields)) {
            ServedText model = lease.text();
            boolean streams = fields.flag("stream", false);
            Response response = read(fields, model);
            try (Generation generation = Generation.begin(exchange, model, response.request())) {
                if (streams) {
                    stream(exchange, response, generation);
                } else {
                    Whole whole = generation.whole().get(0);
                    api.measured(model, generation, exchange, Optional.empty());
                    api.reply(exchange, completed(response, whole.text(), whole.reason(), generation));
                }
            }
        }
    }

    private Response read(Fields fields, ServedText model) {
        Conversations template = model.template().orElseThrow(() -> new ApiException(
                ApiException.Kind.INVALID, "model", "model: got one without a chat template, allowed one with it"));
        int[] prompt = model.tokens(messages(fields, template), List.of());
        TextRequest request = new Sampling(fields, model, api.limits()).read(
                List.of(prompt), List.of("max_output_tokens"), OptionalInt.empty(), OptionalInt.empty());
        if (request.choices() > 1) {
            throw fields.wrong("n", request.choices() + " answers", "1");
        }
        Fields text = fields.within("text");
        Fields format = text.within("format");
        format.only("type", "text");
        format.requireNothingElse();
        text.requireNothingElse();
        fields.list("tools", 0);
        fields.list("include", 0);
        fields.only("tool_choice", "auto");
        fields.only("parallel_tool_calls", "true");
        fields.only("truncation", "disabled");
        fields.only("background", "false");
        Api.ignoreAccounts(fields);
        fields.requireNothingElse();
        return new Response(model, request, head(fields, model, request), Api.id("msg_"));
    }

    private static List<Map<String, Object>> messages(Fields fields, Conversations template) {
        List<Map<String, Object>> messages = new ArrayList<>();
        fields.text("instructions").ifPresent(text -> messages.add(message("system", text)));
        JsonNode input = fields.require("input");
        if (input.isTextual()) {
            messages.add(message("user", fields.text("input", input)));
            return messages;
        }
        for (JsonNode each : fields.list("input", MOST_ITEMS)) {
            Fields item = fields.within("input", each);
            item.only("type", "message");
            item.ignore("id", "status"); // of answers that come back
            String role = item.requireText("role");
            if (!ROLES.contains(role)) {
                throw item.wrong("role", "another one", ROLES.stream().sorted().toList().toString());
            }
            messages.add(message(
                    role.equals("developer") && !template.names(role) ? "system" : role, content(item)));
            item.requireNothingElse();
        }
        if (messages.isEmpty()) {
            throw fields.wrong("input", "an empty list", "a text or messages");
        }
        return messages;
    }

    private static String content(Fields item) {
        JsonNode content = item.require("content");
        if (content.isTextual()) {
            return item.text("content", content);
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode each : item.list("content", MOST_ITEMS)) {
            Fields part = item.within("content", each);
            if (!TEXTS.contains(part.requireText("type"))) {
                throw part.wrong("type", "another one", "input_text, output_text");
            }
            text.append(part.requireText("text"));
            part.ignore("annotations", "logprobs");
            part.requireNothingElse();
        }
        return text.toString();
    }

    private static Map<String, Object> message(String role, String content) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }

    private static ObjectNode head(Fields fields, ServedText model, TextRequest request) {
        ObjectNode head = Json.object()
                .put("id", Api.id("resp_"))
                .put("object", "response")
                .put("created_at", Api.now())
                .put("status", "in_progress");
        head.putNull("error").putNull("incomplete_details");
        head.set("instructions", fields.find("instructions").orElse(head.nullNode()));
        head.set("max_output_tokens", fields.find("max_output_tokens").orElse(head.nullNode()));
        head.put("model", model.name());
        head.putArray("output");
        head.put("parallel_tool_calls", true).putNull("previous_response_id");
        head.putObject("reasoning").putNull("effort").putNull("summary");
        head.put("store", false).put("temperature", request.config().temperature());
        head.putObject("text").putObject("format").put("type", "text");
        head.put("tool_choice", "auto").putArray("tools");
        head.put("top_p", request.config().topP()).put("truncation", "disabled");
        head.putNull("usage").putNull("user").putObject("metadata");
        return head;
    }

    private static ObjectNode part(String text) {
        ObjectNode part = Json.object().put("type", "output_text").put("text", text);
        part.putArray("annotations");
        part.putArray("logprobs");
        return part;
    }

    private static ObjectNode message(Response response, String status, ArrayNode content) {
        ObjectNode message = Json.object()
                .put("id", response.message()).put("type", "message").put("status", status).put("role", "assistant");
        message.set("content", content);
        return message;
    }

    private static ObjectNode completed(
            Response response, String text, Answer.Reason reason, Generation generation) {
        ObjectNode whole = response.head().deepCopy();
        String status = reason == Answer.Reason.STOP ? "completed" : "incomplete";
        whole.put("status", status);
        if (reason == Answer.Reason.LENGTH) {
            whole.putObject("incomplete_details").put("reason", "max_output_tokens");
        }
        whole.putArray("output").add(message(response, status, Json.array().add(part(text))));
        ObjectNode usage = whole.putObject("usage").put("input_tokens", generation.promptTokens());
        usage.putObject("input_tokens_details").put("cached_tokens", 0).put("cache_write_tokens", 0);
        usage.put("output_tokens", generation.newTokens());
        usage.putObject("output_tokens_details").put("reasoning_tokens", 0);
        usage.put("total_tokens", generation.promptTokens() + generation.newTokens());
        return whole;
    }

    private void stream(Exchange exchange, Response response, Generation generation) {
        Events events = new Events(new Sse(exchange, api.json()), response);
        StringBuilder text = new StringBuilder();
        Answer.Reason reason = Answer.Reason.LENGTH;
        Optional<Duration> first = Optional.empty();
        for (Optional<Answer.Piece> next = generation.next(); next.isPresent(); next = generation.next()) {
            if (first.isEmpty()) {
                first = Optional.of(exchange.time());
                events.begin();
            }
            Answer.Piece piece = next.get();
            text.append(piece.text());
            if (!piece.text().isEmpty()) {
                events.delta(piece.text());
            }
            reason = piece.end().map(Answer.End::reason).orElse(reason);
        }
        api.measured(response.model(), generation, exchange, first);
        events.end(text.toString(), completed(response, text.toString(), reason, generation));
    }

    /** The events of a stream, numbered. */
    private static final class Events {
        private final Sse sse;
        private final Response response;
        private int number;

        Events(Sse sse, Response response) {
            this.sse = sse;
            this.response = response;
        }

        private void send(String type, ObjectNode data) {
            ObjectNode event = Json.object().put("type", type).put("sequence_number", number++);
            sse.send(type, event.setAll(data));
        }

        private ObjectNode place() {
            return Json.object().put("item_id", response.message()).put("output_index", 0).put("content_index", 0);
        }

        void begin() {
            send("response.created", Json.object().set("response", response.head()));
            send("response.in_progress", Json.object().set("response", response.head()));
            ObjectNode item = Json.object().put("output_index", 0);
            send("response.output_item.added", item.set("item", message(response, "in_progress", Json.array())));
            send("response.content_part.added", place().set("part", part("")));
        }

        void delta(String text) {
            ObjectNode delta = place().put("delta", text);
            delta.putArray("logprobs");
            send("response.output_text.delta", delta);
        }

        void end(String text, ObjectNode whole) {
            ObjectNode done = place().put("text", text);
            done.putArray("logprobs");
            send("response.output_text.done", done);
            send("response.content_part.done", place().set("part", part(text)));
            ObjectNode item = Json.object().put("output_index", 0);
            send("response.output_item.done", item.set("item", whole.at("/output/0")));
            send("response." + whole.get("status").textValue(), Json.object().set("response", whole));
        }
    }
}
