package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.jformers.pipeline.call.CalledTasks;

/**
 * {@code POST /pipelines/TASK}: a call in the form of {@code jformers run TASK --json}, with {@code model} where
 * several are served; and {@code POST /forward}, the task that the model is for. What is a path there is here the file
 * itself, in Base64: no request names a file of this machine.
 */
final class PipelineRoutes {
    private final Api api;

    PipelineRoutes(Api api) {
        this.api = api;
    }

    void pipeline(Exchange exchange, String task) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = api.lease(exchange, fields)) {
            api.reply(exchange, call(lease, task, fields.rest(), exchange));
        }
    }

    void forward(Exchange exchange) {
        Fields fields = exchange.fields(api.json());
        try (Models.Lease lease = api.lease(exchange, fields)) {
            JsonNode inputs = fields.require("inputs");
            boolean empty = inputs.isContainerNode() ? inputs.isEmpty() : inputs.asText().isEmpty();
            JsonNode output = empty
                    ? Json.array()
                    : call(lease, lease.model().task(), fields.rest().set("inputs", inputs), exchange);
            api.reply(exchange, Json.object().set("output", output));
        }
    }

    private JsonNode call(Models.Lease lease, String task, ObjectNode call, Exchange exchange) {
        if (!lease.adapter().isEmpty()) {
            throw new ApiException(ApiException.Kind.INVALID, "model",
                    "model: got an adapter, allowed the model itself; adapters write texts alone");
        }
        if (!call.hasNonNull("inputs")) {
            throw new ApiException(ApiException.Kind.INVALID, "inputs", "inputs: got nothing, allowed a value");
        }
        if (!CalledTasks.readsFiles(task)) {
            JsonNode result = lease.model().call(task, List.of(call), exchange, api.json()).get(0);
            if (api.quota().bounded()) {
                api.quota().spend(exchange.client(), tokens(lease, call) + tokens(lease, result));
            }
            return result;
        }
        Path file = file(call.get("inputs"));
        try {
            call.put("inputs", file.toString());
            return lease.model().call(task, List.of(call), exchange, api.json()).get(0);
        } finally {
            delete(file);
        }
    }

    /** What all texts of a value are long. */
    private static long tokens(Models.Lease lease, JsonNode value) {
        return value.isTextual()
                ? lease.model().tokenizer().encode(value.textValue()).length()
                : value.valueStream().mapToLong(each -> tokens(lease, each)).sum();
    }

    private static Path file(JsonNode inputs) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(inputs.isTextual() ? inputs.textValue() : "?");
        } catch (IllegalArgumentException e) {
            throw new ApiException(ApiException.Kind.INVALID, "inputs",
                    "inputs: got no Base64, allowed the bytes of a file in Base64");
        }
        try {
            return Files.write(Files.createTempFile("jformers", ".input"), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
