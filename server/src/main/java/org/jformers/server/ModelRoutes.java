package org.jformers.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** {@code GET /v1/models} and {@code GET /v1/models/NAME}. Source: OpenAI's API reference, Models. */
final class ModelRoutes {
    private final Api api;

    ModelRoutes(Api api) {
        this.api = api;
    }

    void list(Exchange exchange) {
        ObjectNode answer = Json.object().put("object", "list");
        ArrayNode data = answer.putArray("data");
        for (ServedModel model : api.models().all()) {
            data.add(model(model, ""));
            model.adapters().forEach(adapter -> data.add(model(model, adapter)));
        }
        api.reply(exchange, answer);
    }

    void one(Exchange exchange, String name) {
        try (Models.Lease lease = api.models().lease(Optional.of(name))) {
            api.reply(exchange, model(lease.model(), lease.adapter()));
        }
    }

    private static ObjectNode model(ServedModel model, String adapter) {
        return Json.object()
                .put("id", adapter.isEmpty() ? model.name() : model.name() + ":" + adapter)
                .put("object", "model")
                .put("created", model.since().getEpochSecond())
                .put("owned_by", "jformers")
                .put("task", model.task());
    }
}
