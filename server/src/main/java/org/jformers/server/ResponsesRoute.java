package org.jformers.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jformers.pipeline.answer.Answer;
import org.jformers.pipeline.answer.Conversations;
import org.jformers.pipeline.answer.ToolForm;

/**
 * {@code POST /v1/responses} in its plain form: texts, calls and their outputs in, texts and calls out, nothing stored.
 * Source: OpenAI's API reference, Responses.
 */
final class ResponsesRoute {
    private final Api api;

    ResponsesRoute(Api api) {
        this.api = api;
    }

    /**
     * A request.
     *
     * @param tools how functions are called; empty where there are none
     * @param head the answer before it has output
     */
    private record Asked(TextRequest request, Optional<ToolForm> tools, ObjectNode head) {}

    void answer(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = api.lease(exchange, fields)) {
            ServedText model = lease.text();
            boolean streams = fields.flag("stream", false);
            Asked asked = read(fields, model);
            try (Generation generation = Generation.begin(exchange, api.quota(), model, asked.request())) {
                if (streams) {
                    stream(exchange, asked, model, generation);
                } else {
                    whole(exchange, asked, model, generation);
                }
            }
        }
    }

    private Asked read(Fields fields, ServedText model) {
        Conversations template = model.template().orElseThrow(() -> new ApiException(
                ApiException.Kind.INVALID, "model", "model: got one without a chat template, allowed one with it"));
        ResponseMessages given = new ResponseMessages(api.json(), template);
        List<Object> tools = given.tools(fields);
        int[] prompt = model.tokens(given.messages(fields), tools);
        TextRequest request = new Sampling(fields, model, api.limits()).read(
                List.of(prompt), List.of("max_output_tokens"), OptionalInt.empty(), OptionalInt.empty());
        if (request.choices() > 1) {
            throw fields.wrong("n", request.choices() + " answers", "1");
        }
        Fields text = fields.within("text");
        Api.requirePlainText(text, "format");
        text.requireNothingElse();
        fields.list("include", 0);
        fields.only("parallel_tool_calls", "true");
        fields.only("truncation", "disabled");
        fields.only("background", "false");
        Api.ignoreAccounts(fields);
        fields.requireNothingElse();
        return new Asked(
                request, tools.isEmpty() ? Optional.empty() : template.tools(), head(fields, model, request));
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
        head.set("tool_choice", fields.find("tool_choice").orElse(head.textNode("auto")));
        head.set("tools", fields.find("tools").orElseGet(Json::array));
        head.put("top_p", request.config().topP()).put("truncation", "disabled");
        head.putNull("usage").putNull("user").putObject("metadata");
        return head;
    }

    private void whole(Exchange exchange, Asked asked, ServedText model, Generation generation) {
        Whole whole = generation.whole().get(0);
        ResponseOutput output = new ResponseOutput(asked.head(), asked.tools(), event -> { });
        output.take(whole.text());
        ObjectNode answer = output.end(whole.reason());
        answer.set("usage", usage(generation));
        api.measured(model, generation, exchange, Optional.empty());
        api.reply(exchange, answer);
    }

    private void stream(Exchange exchange, Asked asked, ServedText model, Generation generation) {
        Sse sse = new Sse(exchange, api.json());
        ResponseOutput output = new ResponseOutput(
                asked.head(), asked.tools(), event -> sse.send(event.get("type").textValue(), event));
        Answer.Reason reason = Answer.Reason.LENGTH;
        Optional<Duration> first = Optional.empty();
        for (Optional<Answer.Piece> next = generation.next(); next.isPresent(); next = generation.next()) {
            if (first.isEmpty()) {
                first = Optional.of(exchange.time());
                output.begin();
            }
            output.take(next.get().text());
            reason = next.get().end().map(Answer.End::reason).orElse(reason);
        }
        ObjectNode answer = output.end(reason);
        answer.set("usage", usage(generation));
        api.measured(model, generation, exchange, first);
        output.ended(answer);
    }

    private static ObjectNode usage(Generation generation) {
        ObjectNode usage = Json.object().put("input_tokens", generation.promptTokens());
        usage.putObject("input_tokens_details").put("cached_tokens", generation.recalled())
                .put("cache_write_tokens", 0);
        usage.put("output_tokens", generation.newTokens());
        usage.putObject("output_tokens_details").put("reasoning_tokens", 0);
        return usage.put("total_tokens", generation.promptTokens() + generation.newTokens());
    }
}
