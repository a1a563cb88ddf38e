package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jformers.pipeline.answer.Answer;

/** {@code POST /v1/completions}: texts that go on. Source: OpenAI's API reference, Completions. */
final class CompletionRoute {
    private static final int MOST_LIKELY = 20;
    private static final String PROMPT = "prompt";

    private final Api api;

    CompletionRoute(Api api) {
        this.api = api;
    }

    void answer(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = api.lease(exchange, fields)) {
            ServedText model = lease.text();
            List<int[]> prompts = prompts(fields, model);
            TextRequest request = new Sampling(fields, model, api.limits()).read(
                    prompts, List.of("max_tokens"), OptionalInt.of(Sampling.FEW_TOKENS),
                    fields.count("logprobs", 0, MOST_LIKELY));
            boolean streams = fields.flag("stream", false);
            boolean usage = ChatRoute.usage(fields, streams);
            fields.only("echo", "false");
            fields.only("suffix", "");
            fields.only("best_of", request.choices());
            Api.ignoreAccounts(fields);
            fields.requireNothingElse();
            try (Generation generation = Generation.begin(exchange, api.quota(), model, request)) {
                if (streams) {
                    stream(exchange, model, request, generation, usage);
                } else {
                    whole(exchange, model, request, generation);
                }
            }
        }
    }

    /** A text, texts, tokens, or lists of them. */
    private List<int[]> prompts(Fields fields, ServedText model) {
        JsonNode prompt = fields.require(PROMPT);
        if (prompt.isTextual()) {
            return List.of(model.tokens(fields.text(PROMPT, prompt)));
        }
        boolean tokens = prompt.path(0).isNumber();
        List<JsonNode> given = fields.list(PROMPT, tokens ? Integer.MAX_VALUE : api.limits().inputs());
        if (given.isEmpty()) {
            throw fields.wrong(PROMPT, "an empty list", "a text, tokens, or lists of them");
        }
        if (tokens) {
            return List.of(ids(fields, prompt));
        }
        List<int[]> prompts = new ArrayList<>();
        for (JsonNode each : given) {
            prompts.add(each.isArray() ? ids(fields, each) : model.tokens(fields.text(PROMPT, each)));
        }
        return prompts;
    }

    private static int[] ids(Fields fields, JsonNode list) {
        int[] ids = new int[list.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!list.get(i).isIntegralNumber() || !list.get(i).canConvertToInt()) {
                throw fields.wrong(PROMPT, Fields.kind(list.get(i)) + " among tokens", "whole numbers");
            }
            ids[i] = list.get(i).intValue();
        }
        return ids;
    }

    private void whole(Exchange exchange, ServedText model, TextRequest request, Generation generation) {
        ObjectNode answer = head(model);
        ArrayNode choices = answer.putArray("choices");
        Scores scores = new Scores(model.tokenizer());
        for (Whole whole : generation.whole()) {
            ObjectNode choice = choices.addObject().put("index", choices.size() - 1).put("text", whole.text());
            choice.set("logprobs", request.best().isPresent()
                    ? scores.completion(whole.scores(), 0) : choice.nullNode());
            choice.put("finish_reason", Api.reason(whole.reason()));
        }
        answer.set("usage", generation.usage());
        api.measured(model, generation, exchange, Optional.empty());
        api.reply(exchange, answer);
    }

    private static ObjectNode head(ServedText model) {
        ObjectNode head = Json.object()
                .put("id", Api.id("cmpl-"))
                .put("object", "text_completion")
                .put("created", Api.now())
                .put("model", model.name());
        head.putNull("system_fingerprint");
        return head;
    }

    private void stream(
            Exchange exchange, ServedText model, TextRequest request, Generation generation, boolean usage) {
        Sse sse = new Sse(exchange, api.json());
        Scores scores = new Scores(model.tokenizer());
        ObjectNode head = head(model);
        int[] told = new int[request.answers()];
        Optional<Duration> first = Optional.empty();
        for (Optional<Answer.Piece> next = generation.next(); next.isPresent(); next = generation.next()) {
            first = first.or(() -> Optional.of(exchange.time()));
            Answer.Piece piece = next.get();
            ObjectNode chunk = head.deepCopy();
            ObjectNode choice = chunk.putArray("choices").addObject()
                    .put("index", piece.index()).put("text", piece.text());
            choice.set("logprobs", request.best().isPresent()
                    ? scores.completion(piece.scores(), told[piece.index()]) : choice.nullNode());
            choice.set("finish_reason", piece.end()
                    .<JsonNode>map(end -> choice.textNode(Api.reason(end.reason()))).orElse(choice.nullNode()));
            if (usage) {
                chunk.putNull("usage");
            }
            told[piece.index()] += piece.text().length();
            sse.send(chunk);
        }
        if (usage) {
            ObjectNode last = head.deepCopy();
            last.putArray("choices");
            last.set("usage", generation.usage());
            sse.send(last);
        }
        api.measured(model, generation, exchange, first);
        sse.done();
    }
}
