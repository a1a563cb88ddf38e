package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.OptionalInt;

/**
 * {@code POST /v1/embeddings} and {@code POST /v1/rerank}. Sources: OpenAI's API reference, Embeddings; Cohere's and
 * Jina's API references, Rerank.
 */
final class VectorRoutes {
    private final Api api;

    VectorRoutes(Api api) {
        this.api = api;
    }

    void embeddings(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = api.lease(exchange, fields)) {
            ServedModel model = whole(lease);
            List<String> texts = fields.texts("input", api.limits().inputs());
            if (texts.isEmpty()) {
                throw fields.wrong("input", "nothing", "a text or a list of texts");
            }
            String form = fields.text("encoding_format").orElse("float");
            if (!List.of("float", "base64").contains(form)) {
                throw fields.wrong("encoding_format", "another one", "float, base64");
            }
            OptionalInt dimensions = fields.count("dimensions", 1, Integer.MAX_VALUE);
            fields.ignore("user");
            fields.requireNothingElse();
            ObjectNode answer = Json.object().put("object", "list");
            ArrayNode data = answer.putArray("data");
            for (JsonNode vector : model.call("embeddings", texts.stream()
                    .map(text -> Json.object().put("inputs", text)).toList(), exchange, api.json())) {
                if (dimensions.isPresent() && dimensions.getAsInt() != vector.size()) {
                    throw fields.wrong("dimensions", dimensions.getAsInt() + "", vector.size() + ", as the model has");
                }
                ObjectNode item = data.addObject().put("object", "embedding").put("index", data.size() - 1);
                item.set("embedding", form.equals("float") ? vector : item.textNode(base64(vector)));
            }
            int tokens = texts.stream().mapToInt(text -> model.tokenizer().encode(text).length()).sum();
            api.quota().spend(exchange.client(), tokens);
            answer.put("model", model.name());
            answer.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
            api.reply(exchange, answer);
        }
    }

    private static ServedModel whole(Models.Lease lease) {
        if (!lease.adapter().isEmpty()) {
            throw new ApiException(ApiException.Kind.INVALID, "model",
                    "model: got an adapter, allowed the model itself; adapters write texts alone");
        }
        return lease.model();
    }

    /** float32, little-endian. */
    private static String base64(JsonNode vector) {
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vector.size()).order(ByteOrder.LITTLE_ENDIAN);
        vector.forEach(number -> bytes.putFloat(number.floatValue()));
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    void rerank(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = api.lease(exchange, fields)) {
            ServedModel model = whole(lease);
            ObjectNode call = Json.object();
            ObjectNode inputs = call.putObject("inputs").put("query", fields.requireText("query"));
            List<String> documents = fields.texts("documents", api.limits().inputs());
            if (documents.isEmpty()) {
                throw fields.wrong("documents", "none", "at least one");
            }
            ArrayNode texts = inputs.putArray("documents");
            documents.forEach(texts::add);
            OptionalInt most = fields.count("top_n", 1, Integer.MAX_VALUE);
            boolean shown = fields.flag("return_documents", false);
            fields.requireNothingElse();
            ObjectNode answer = Json.object().put("id", Api.id("rerank-")).put("model", model.name());
            ArrayNode results = answer.putArray("results");
            for (JsonNode ranked : model.call(
                    "reranking", List.of(call), exchange, api.json()).get(0)) {
                if (results.size() == most.orElse(Integer.MAX_VALUE)) {
                    break;
                }
                int index = ranked.get("corpus_id").intValue();
                ObjectNode result = results.addObject().put("index", index);
                result.set("relevance_score", ranked.get("score"));
                if (shown) {
                    result.putObject("document").put("text", documents.get(index));
                }
            }
            int tokens = documents.stream().mapToInt(text ->
                    model.tokenizer().encode(inputs.get("query").textValue(), text).length()).sum();
            api.quota().spend(exchange.client(), tokens);
            answer.putObject("usage").put("total_tokens", tokens);
            api.reply(exchange, answer);
        }
    }
}
