package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * An answer as server-sent events. Each is one line of JSON, in which line feeds are escaped, so that no text can end
 * an event. The answer begins with the first event: what fails before is an error with a status of its own.
 */
final class Sse {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.UTF_8);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);

    private final Exchange exchange;
    private final Json json;

    Sse(Exchange exchange, Json json) {
        this.exchange = exchange;
        this.json = json;
    }

    private void begin() {
        HttpServletResponse response = exchange.http().res();
        if (!response.isCommitted()) {
            response.setStatus(HttpServletResponse.SC_OK);
            response.setContentType("text/event-stream");
            response.setCharacterEncoding("utf-8");
            response.setHeader("Cache-Control", "no-cache");
            response.setHeader("X-Accel-Buffering", "no"); // or nginx collects events
        }
    }

    /** An event without a name. */
    void send(JsonNode data) {
        send("", data);
    }

    /** An event with a name; without for an empty one. */
    void send(String name, JsonNode data) {
        begin();
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        if (!name.isEmpty()) {
            event.writeBytes(("event: " + name + "\n").getBytes(StandardCharsets.UTF_8));
        }
        event.writeBytes(DATA);
        event.writeBytes(json.bytes(data));
        event.writeBytes(END);
        exchange.write(event.toByteArray());
    }

    /** The event behind the last one. */
    void done() {
        begin();
        exchange.write(DONE);
    }
}
