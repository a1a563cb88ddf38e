package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.jformers.JformersException;

/** {@code GET /runs} and {@code GET /runs/metrics?run=NAME&from=PLACE}: runs that a page follows. */
final class RunRoutes {
    private final Api api;
    private final Runs runs;

    RunRoutes(Api api, Runs runs) {
        this.api = api;
        this.runs = runs;
    }

    void list(Exchange exchange) {
        ArrayNode list = Json.array();
        for (String name : runs.names()) {
            ObjectNode run = list.addObject().put("name", name);
            try {
                run.set("about", runs.about(name));
            } catch (JformersException e) {
                run.put("problem", e.getMessage()); // others are shown all the same
            }
        }
        fresh(exchange, Json.object().set("runs", list));
    }

    void metrics(Exchange exchange) {
        String name = asked(exchange, "run").orElse("");
        if (!runs.names().contains(name)) {
            throw new ApiException(ApiException.Kind.INVALID, "run", "run: got one that is not followed, allowed those"
                    + " of /runs");
        }
        fresh(exchange, runs.metrics(name, from(exchange)));
    }

    private static long from(Exchange exchange) {
        String from = asked(exchange, "from").orElse("0");
        if (!from.matches("[0-9]{1,18}")) {
            throw new ApiException(
                    ApiException.Kind.INVALID, "from", "from: got no place, allowed a whole number from 0");
        }
        return Long.parseLong(from);
    }

    private static Optional<String> asked(Exchange exchange, String name) {
        return Optional.ofNullable(exchange.http().queryParam(name));
    }

    private void fresh(Exchange exchange, JsonNode answer) {
        exchange.http().res().setHeader("Cache-Control", "no-store");
        api.reply(exchange, answer);
    }
}
