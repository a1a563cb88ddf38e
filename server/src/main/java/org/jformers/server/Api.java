package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import org.jformers.pipeline.answer.Answer;

/**
 * What all routes have in common.
 *
 * @param models those that are served
 * @param json reads requests and writes answers
 * @param limits of requests
 * @param quota of clients
 * @param telemetry measures
 */
record Api(Models models, Json json, Limits limits, Quota quota, Telemetry telemetry) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ID_BYTES = 12;

    /** A new id that begins with a word. */
    static String id(String word) {
        byte[] bytes = new byte[ID_BYTES];
        RANDOM.nextBytes(bytes);
        return word + HexFormat.of().formatHex(bytes);
    }

    static long now() {
        return Instant.now().getEpochSecond();
    }

    /** The model that a request names. */
    Models.Lease lease(Fields fields) {
        return models.lease(fields.text("model"));
    }

    /** The same for what takes tokens; throws {@link ApiException} if its client has none left. */
    Models.Lease lease(Exchange exchange, Fields fields) {
        quota.admit(exchange);
        return lease(fields);
    }

    void reply(Exchange exchange, JsonNode answer) {
        exchange.reply(200, "application/json", json.bytes(answer));
    }

    /** The name of a reason. */
    static String reason(Answer.Reason reason) {
        return reason == Answer.Reason.STOP ? "stop" : "length";
    }

    /** Fields that OpenAI has for its own accounts and caches, which change no answer. */
    static void ignoreAccounts(Fields fields) {
        fields.ignore("user", "metadata", "safety_identifier", "prompt_cache_key", "prompt_cache_retention");
        fields.only("service_tier", "auto");
        fields.only("store", "false");
    }

    /** Refuses forms that hold an answer to JSON. */
    static void requirePlainText(Fields fields, String name) {
        Fields format = fields.within(name);
        if (!format.text("type").orElse("text").equals("text")) {
            throw format.unsupported("type", "a form that holds answers to JSON, which no answer can be held to yet",
                    "text; functions (tools) answer in JSON where the model knows them");
        }
        format.requireNothingElse();
    }

    /** Counts what was written and how long its first part took. */
    void measured(ServedText model, Generation generation, Exchange exchange, Optional<Duration> first) {
        telemetry.written(model.name(), generation.promptTokens(), generation.newTokens(), first);
        exchange.requireOpen();
    }
}
