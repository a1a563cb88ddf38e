package org.jformers.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.Consumer;
import org.jformers.pipeline.answer.Answer;
import org.jformers.pipeline.answer.ToolForm;
import org.jformers.pipeline.answer.ToolText;

/** The output of a response: its items in the order in which they are written, and the events that tell of them. */
final class ResponseOutput {
    private final ObjectNode head;
    private final ToolText text;
    private final Consumer<ObjectNode> hears;
    private final ArrayNode items = Json.array();
    /** The text of the message that is open. */
    private final StringBuilder written = new StringBuilder();
    private Optional<String> message = Optional.empty();
    /** Line feeds behind a call, which are nothing unless a text follows. */
    private String blank = "";
    private int number;

    /**
     * @param head the response before it has output
     * @param tools how functions are called; empty where everything is text
     * @param hears each event, numbered
     */
    ResponseOutput(ObjectNode head, Optional<ToolForm> tools, Consumer<ObjectNode> hears) {
        this.head = head;
        text = new ToolText(tools);
        this.hears = hears;
    }

    void begin() {
        send("response.created", Json.object().set("response", head));
        send("response.in_progress", Json.object().set("response", head));
    }

    /** Takes what comes next of the answer. */
    void take(String piece) {
        text.take(piece).forEach(this::add);
    }

    /** The whole response, without what it took. */
    ObjectNode end(Answer.Reason reason) {
        text.finish().forEach(this::add);
        if (items.isEmpty() && message.isEmpty()) {
            open();
        }
        String status = reason == Answer.Reason.STOP ? "completed" : "incomplete";
        closeMessage(status);
        ObjectNode whole = head.deepCopy().put("status", status);
        if (reason == Answer.Reason.LENGTH) {
            whole.putObject("incomplete_details").put("reason", "max_output_tokens");
        }
        return whole.set("output", items);
    }

    /** Tells the end, once it is known what it took. */
    void ended(ObjectNode whole) {
        send("response." + whole.get("status").textValue(), Json.object().set("response", whole));
    }

    private void add(ToolText.Part part) {
        if (part.call().isPresent()) {
            blank = "";
            closeMessage("completed");
            call(part.call().get());
        } else if (message.isEmpty() && !items.isEmpty() && part.text().isBlank()) {
            blank += part.text();
        } else {
            tell(blank + part.text());
            blank = "";
        }
    }

    private void tell(String piece) {
        if (message.isEmpty()) {
            open();
        }
        written.append(piece);
        ObjectNode delta = place().put("delta", piece);
        delta.putArray("logprobs");
        send("response.output_text.delta", delta);
    }

    private void open() {
        message = Optional.of(Api.id("msg_"));
        item("added", message("in_progress", Json.array()));
        send("response.content_part.added", place().set("part", part("")));
    }

    private void closeMessage(String status) {
        if (message.isEmpty()) {
            return;
        }
        ObjectNode done = place().put("text", written.toString());
        done.putArray("logprobs");
        send("response.output_text.done", done);
        ObjectNode part = part(written.toString());
        send("response.content_part.done", place().set("part", part));
        ObjectNode whole = message(status, Json.array().add(part));
        item("done", whole);
        items.add(whole);
        message = Optional.empty();
        written.setLength(0);
    }

    private void call(ToolText.Call call) {
        ObjectNode item = Json.object().put("id", Api.id("fc_")).put("type", "function_call")
                .put("status", "in_progress").put("call_id", Api.id("call_")).put("name", call.name())
                .put("arguments", "");
        item("added", item.deepCopy());
        ObjectNode place = Json.object().put("item_id", item.get("id").textValue()).put("output_index", items.size());
        send("response.function_call_arguments.delta", place.deepCopy().put("delta", call.arguments()));
        send("response.function_call_arguments.done",
                place.put("name", call.name()).put("arguments", call.arguments()));
        item.put("status", "completed").put("arguments", call.arguments());
        item("done", item);
        items.add(item);
    }

    private ObjectNode place() {
        return Json.object().put("item_id", message.orElseThrow()).put("output_index", items.size())
                .put("content_index", 0);
    }

    private void item(String what, ObjectNode item) {
        send("response.output_item." + what, Json.object().put("output_index", items.size()).set("item", item));
    }

    private void send(String type, ObjectNode data) {
        ObjectNode event = Json.object().put("type", type).put("sequence_number", number++);
        hears.accept(event.setAll(data));
    }

    private static ObjectNode part(String text) {
        ObjectNode part = Json.object().put("type", "output_text").put("text", text);
        part.putArray("annotations");
        part.putArray("logprobs");
        return part;
    }

    private ObjectNode message(String status, ArrayNode content) {
        ObjectNode item = Json.object().put("id", message.orElseThrow()).put("type", "message").put("status", status)
                .put("role", "assistant");
        return item.set("content", content);
    }
}
