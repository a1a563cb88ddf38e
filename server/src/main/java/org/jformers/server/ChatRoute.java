package org.jformers.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jformers.pipeline.answer.Answer;
import org.jformers.pipeline.answer.Conversations;
import org.jformers.pipeline.answer.ToolForm;
import org.jformers.pipeline.answer.ToolText;

/** {@code POST /v1/chat/completions}. Source: OpenAI's API reference, Chat Completions. */
final class ChatRoute {
    private static final int MOST_LIKELY = 20;

    private final Api api;

    ChatRoute(Api api) {
        this.api = api;
    }

    /**
     * A request.
     *
     * @param tools how functions are called; empty where there are none
     * @param usage whether a stream ends with what it took
     */
    private record Chat(
            ServedText model, TextRequest request, Optional<ToolForm> tools, Form form, boolean usage) {
        boolean scores() {
            return request.best().isPresent();
        }
    }

    /** How the answer comes. */
    private enum Form { WHOLE, STREAM }

    void answer(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = api.lease(exchange, fields)) {
            Chat chat = read(fields, lease.text());
            try (Generation generation = Generation.begin(exchange, api.quota(), chat.model(), chat.request())) {
                if (chat.form() == Form.STREAM) {
                    stream(exchange, chat, generation);
                } else {
                    whole(exchange, chat, generation);
                }
            }
        }
    }

    private Chat read(Fields fields, ServedText model) {
        Conversations template = model.template().orElseThrow(() -> new ApiException(
                ApiException.Kind.INVALID, "model", "model: got one without a chat template, allowed one with it"));
        ChatMessages chat = new ChatMessages(api.json(), template);
        List<?> tools = chat.tools(fields);
        int[] prompt = model.tokens(chat.messages(fields), tools);
        boolean scores = fields.flag("logprobs", false);
        OptionalInt best = fields.count("top_logprobs", 0, MOST_LIKELY);
        if (best.isPresent() && !scores) {
            throw fields.wrong("top_logprobs", "a number without logprobs", "it with logprobs true");
        }
        TextRequest request = new Sampling(fields, model, api.limits()).read(
                List.of(prompt), List.of("max_completion_tokens", "max_tokens"), OptionalInt.empty(),
                scores ? OptionalInt.of(best.orElse(0)) : OptionalInt.empty());
        Form form = fields.flag("stream", false) ? Form.STREAM : Form.WHOLE;
        boolean usage = usage(fields, form == Form.STREAM);
        fields.only("parallel_tool_calls", "true");
        Api.requirePlainText(fields, "response_format");
        if (fields.list("modalities", 1).stream().anyMatch(one -> !one.asText().equals("text"))) {
            throw new ApiException(ApiException.Kind.UNSUPPORTED, "modalities",
                    "modalities: got another one than text, allowed that one");
        }
        Api.ignoreAccounts(fields);
        fields.requireNothingElse();
        return new Chat(model, request, tools.isEmpty() ? Optional.empty() : template.tools(), form, usage);
    }

    static boolean usage(Fields fields, boolean streams) {
        boolean said = fields.find("stream_options").isPresent();
        if (said && !streams) {
            throw fields.wrong("stream_options", "them without stream", "them with stream true");
        }
        Fields options = fields.within("stream_options");
        boolean usage = options.flag("include_usage", false);
        options.only("include_obfuscation", "false");
        options.requireNothingElse();
        return usage;
    }

    private void whole(Exchange exchange, Chat chat, Generation generation) {
        ObjectNode answer = head(chat, "chat.completion");
        Scores scores = new Scores(chat.model().tokenizer());
        ArrayNode choices = answer.putArray("choices");
        List<Whole> answers = generation.whole();
        for (Whole whole : answers) {
            ToolText text = new ToolText(chat.tools());
            List<ToolText.Part> parts = new ArrayList<>(text.take(whole.text()));
            parts.addAll(text.finish());
            ObjectNode message = Json.object().put("role", "assistant");
            StringBuilder content = new StringBuilder();
            ArrayNode calls = Json.array();
            for (ToolText.Part part : parts) {
                content.append(part.text());
                part.call().ifPresent(call -> calls.add(call(call)));
            }
            if (calls.isEmpty() || content.length() > 0) {
                message.put("content", content.toString());
            } else {
                message.putNull("content");
            }
            message.putNull("refusal");
            if (!calls.isEmpty()) {
                message.set("tool_calls", calls);
            }
            ObjectNode choice = choices.addObject().put("index", choices.size() - 1);
            choice.set("message", message);
            choice.set("logprobs", chat.scores() ? scores.chat(whole.scores()) : choice.nullNode());
            choice.put("finish_reason", calls.isEmpty() ? Api.reason(whole.reason()) : "tool_calls");
        }
        answer.set("usage", generation.usage());
        api.measured(chat.model(), generation, exchange, Optional.empty());
        api.reply(exchange, answer);
    }

    private static ObjectNode head(Chat chat, String object) {
        ObjectNode head = Json.object()
                .put("id", Api.id("chatcmpl-"))
                .put("object", object)
                .put("created", Api.now())
                .put("model", chat.model().name());
        head.putNull("system_fingerprint");
        return head;
    }

    private static ObjectNode call(ToolText.Call call) {
        ObjectNode node = Json.object().put("id", Api.id("call_")).put("type", "function");
        node.putObject("function").put("name", call.name()).put("arguments", call.arguments());
        return node;
    }

    private void stream(Exchange exchange, Chat chat, Generation generation) {
        Sse sse = new Sse(exchange, api.json());
        Chunks chunks = new Chunks(chat, sse);
        Optional<Duration> first = Optional.empty();
        for (Optional<Answer.Piece> piece = generation.next(); piece.isPresent(); piece = generation.next()) {
            first = first.or(() -> Optional.of(exchange.time()));
            chunks.send(piece.get());
        }
        if (chat.usage()) {
            ObjectNode last = chunks.head.deepCopy();
            last.putArray("choices");
            last.set("usage", generation.usage());
            sse.send(last);
        }
        api.measured(chat.model(), generation, exchange, first);
        sse.done();
    }

    /** The parts of a stream. */
    private final class Chunks {
        private final Chat chat;
        private final Sse sse;
        private final ObjectNode head;
        private final Scores scores;
        private final List<Choice> choices = new ArrayList<>();

        Chunks(Chat chat, Sse sse) {
            this.chat = chat;
            this.sse = sse;
            head = head(chat, "chat.completion.chunk");
            scores = new Scores(chat.model().tokenizer());
            for (int i = 0; i < chat.request().answers(); i++) {
                choices.add(new Choice(new ToolText(chat.tools())));
            }
        }

        void send(Answer.Piece piece) {
            Choice choice = choices.get(piece.index());
            if (!choice.begun) {
                choice.begun = true;
                send(piece.index(), Json.object().put("role", "assistant").put("content", ""), Optional.empty(), "");
            }
            List<ToolText.Part> parts = new ArrayList<>(choice.text.take(piece.text()));
            if (piece.end().isPresent()) {
                parts.addAll(choice.text.finish());
            }
            Optional<ObjectNode> told = chat.scores() && !piece.scores().isEmpty()
                    ? Optional.of(scores.chat(piece.scores())) : Optional.empty();
            for (ToolText.Part part : parts) {
                ObjectNode delta = Json.object();
                if (part.call().isPresent()) {
                    ObjectNode call = call(part.call().get());
                    delta.putArray("tool_calls").add(Json.object().put("index", choice.calls++).setAll(call));
                } else {
                    delta.put("content", part.text());
                }
                send(piece.index(), delta, told, "");
                told = Optional.empty();
            }
            if (told.isPresent()) {
                send(piece.index(), Json.object(), told, "");
            }
            piece.end().ifPresent(end -> send(piece.index(), Json.object(), Optional.empty(),
                    choice.calls == 0 ? Api.reason(end.reason()) : "tool_calls"));
        }

        private void send(int index, ObjectNode delta, Optional<ObjectNode> told, String reason) {
            ObjectNode chunk = head.deepCopy();
            ObjectNode choice = chunk.putArray("choices").addObject().put("index", index);
            choice.set("delta", delta);
            choice.set("logprobs", told.isPresent() ? told.get() : choice.nullNode());
            choice.set("finish_reason", reason.isEmpty() ? choice.nullNode() : choice.textNode(reason));
            if (chat.usage()) {
                chunk.putNull("usage");
            }
            sse.send(chunk);
        }
    }

    private static final class Choice {
        private final ToolText text;
        private boolean begun;
        private int calls;

        Choice(ToolText text) {
            this.text = text;
        }
    }
}
