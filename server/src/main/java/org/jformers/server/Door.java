package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jformers.JformersException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every request goes through: who asks, what it may, what went wrong, that it was there. */
final class Door {
    private static final Logger LOG = LoggerFactory.getLogger(Door.class);
    private static final String RETRY_SECONDS = "1";
    private static final int LONGEST_MESSAGE = 2_000;
    /** Pages come from here alone, and nobody shows them within others. */
    private static final String PAGES = "default-src 'self'; base-uri 'none'; form-action 'none'; "
            + "frame-ancestors 'none'";

    private final Api api;
    private final Gate gate;
    private final Gate admin;
    private final Watch watch;
    private volatile boolean ending;

    Door(Api api, Gate gate, Gate admin, Watch watch) {
        this.api = api;
        this.gate = gate;
        this.admin = admin;
        this.watch = watch;
    }

    /** Refuses all further requests. */
    void shut() {
        ending = true;
    }

    boolean ending() {
        return ending;
    }

    static void secure(Context http) {
        http.header("X-Content-Type-Options", "nosniff");
        http.header("Content-Security-Policy", PAGES);
        http.header("Referrer-Policy", "no-referrer");
    }

    /** Answers a request, whatever happens. */
    void answer(Route route, Context http) {
        secure(http);
        String id = Api.id("req_");
        http.header("X-Request-Id", id);
        Optional<Integer> key = Optional.empty();
        Optional<ApiException> refused = Optional.empty();
        try {
            key = admitted(route, http);
        } catch (ApiException e) {
            refused = Optional.of(e);
        }
        Exchange exchange = new Exchange(
                http, id, key.map(number -> "key " + number).orElse(String.valueOf(http.req().getRemoteAddr())),
                api.limits());
        watch.add(exchange);
        int status = 200;
        try {
            if (refused.isPresent()) {
                throw refused.get();
            }
            route.work().answer(exchange);
            status = http.res().getStatus();
        } catch (RuntimeException | Error e) {
            status = fail(exchange, route, e);
        } finally {
            exchange.leave();
            watch.remove(exchange);
            api.telemetry().ended(route.label(), status, exchange, key);
        }
    }

    private Optional<Integer> admitted(Route route, Context http) {
        if (route.access() == Route.Access.OPEN) {
            return Optional.empty();
        }
        gate.requireHost(Optional.ofNullable(http.header("Host")));
        Gate asked = route.access() == Route.Access.ADMIN ? admin : gate;
        Optional<Integer> key = asked.admit(
                Optional.ofNullable(http.header("Authorization")), Optional.ofNullable(http.header("X-Api-Key")));
        if (ending) {
            throw new ApiException(ApiException.Kind.ENDING, "server: is shutting down");
        }
        return key;
    }

    /** Says what went wrong, as far as it is the client's business; returns the status. */
    private int fail(Exchange exchange, Route route, Throwable failure) {
        ApiException told = told(exchange, route, failure);
        if (told.kind() != ApiException.Kind.GONE) {
            try {
                say(exchange, told);
            } catch (ApiException e) {
                LOG.debug("request {} could not be told what went wrong", exchange.id());
            }
        }
        return told.kind().status();
    }

    private ApiException told(Exchange exchange, Route route, Throwable failure) {
        if (failure instanceof ApiException known) {
            return known;
        }
        if (failure instanceof JformersException known) {
            String message = String.valueOf(known.getMessage());
            for (ServedModel model : api.models().all()) {
                message = model.withoutPlace(message);
            }
            return new ApiException(ApiException.Kind.INVALID, message);
        }
        // Messages of others may quote what was asked, so that only what failed and where is logged.
        StackTraceElement[] trace = failure.getStackTrace();
        LOG.error("request {} of {} failed: {} at {}", exchange.id(), route.label(), failure.getClass().getName(),
                trace.length == 0 ? "an unknown place" : trace[0]);
        return new ApiException(ApiException.Kind.FAILED,
                "server: failed to answer; its log has more of request " + exchange.id());
    }

    private void say(Exchange exchange, ApiException told) {
        ObjectNode body = body(told.kind(), String.valueOf(told.getMessage()), told.field());
        if (exchange.http().res().isCommitted()) {
            exchange.last(("data: " + new String(api.json().bytes(body), StandardCharsets.UTF_8)
                    + "\n\n").getBytes(StandardCharsets.UTF_8));
            return;
        }
        if (told.kind().passes() && exchange.http().res().getHeader("Retry-After") == null) {
            exchange.http().res().setHeader("Retry-After", RETRY_SECONDS);
        }
        if (told.kind() == ApiException.Kind.NO_KEY) {
            exchange.http().res().setHeader("WWW-Authenticate", "Bearer");
        }
        exchange.lastReply(told.kind().status(), "application/json", api.json().bytes(body));
    }

    /** An error in OpenAI's form; messages quote what was got, which may be of any length. */
    static ObjectNode body(ApiException.Kind kind, String message, Optional<String> field) {
        ObjectNode body = Json.object();
        ObjectNode error = body.putObject("error")
                .put("message", message.length() <= LONGEST_MESSAGE ? message
                        : message.substring(0, LONGEST_MESSAGE) + "... (" + message.length() + " characters)")
                .put("type", kind.type());
        error.set("param", field.<JsonNode>map(error::textNode)
                .orElse(error.nullNode()));
        error.put("code", kind.code());
        return body;
    }
}
