package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds calls of functions in an answer as it comes. What is no call, be it a broken one, stays text. */
final class ToolText {
    private static final String OPEN = "<tool_call>";
    private static final String CLOSE = "</tool_call>";

    private final Optional<ToolForm> form;
    private final Json json;
    private final StringBuilder held = new StringBuilder();
    private boolean told;

    /**
     * A part of an answer: text, or a call.
     *
     * @param call set for a call
     */
    record Part(String text, Optional<Call> call) {
        static Part of(String text) {
            return new Part(text, Optional.empty());
        }
    }

    /** A call of a function; {@code arguments} is JSON, as OpenAI has it. */
    record Call(String name, String arguments) {}

    /** @param form empty where everything is text */
    ToolText(Optional<ToolForm> form, Json json) {
        this.form = form;
        this.json = json;
    }

    /** Takes what comes next; returns what is certain. */
    List<Part> take(String piece) {
        if (form.isEmpty()) {
            return piece.isEmpty() ? List.of() : List.of(Part.of(piece));
        }
        held.append(piece);
        return form.get() == ToolForm.TAGGED ? tagged() : object();
    }

    /** What was held back, at the end. */
    List<Part> finish() {
        String rest = held.toString();
        held.setLength(0);
        if (form.isEmpty() || rest.isEmpty()) {
            return List.of();
        }
        String inner = form.get() == ToolForm.TAGGED && rest.startsWith(OPEN) ? rest.substring(OPEN.length()) : rest;
        return List.of(call(inner).map(call -> new Part("", Optional.of(call))).orElse(Part.of(rest)));
    }

    private List<Part> tagged() {
        List<Part> parts = new ArrayList<>();
        while (true) {
            int open = held.indexOf(OPEN);
            if (open < 0) {
                text(held.length() - beginning(), parts);
                return parts;
            }
            text(open, parts);
            int close = held.indexOf(CLOSE);
            if (close < 0) {
                return parts;
            }
            String whole = held.substring(0, close + CLOSE.length());
            parts.add(call(held.substring(OPEN.length(), close))
                    .map(call -> new Part("", Optional.of(call)))
                    .orElse(Part.of(whole)));
            held.delete(0, whole.length());
        }
    }

    /** An answer that begins with a brace may be a call; nothing of it is told before its end. */
    private List<Part> object() {
        List<Part> parts = new ArrayList<>();
        String start = held.toString().stripLeading();
        if (told || !start.isEmpty() && start.charAt(0) != '{') {
            text(held.length(), parts);
        }
        return parts;
    }

    private void text(int length, List<Part> parts) {
        String text = held.substring(0, length);
        held.delete(0, length);
        // Between calls there are line feeds, which say nothing.
        if (!text.isEmpty() && (form.orElseThrow() == ToolForm.OBJECT || told || !text.isBlank())) {
            told = true;
            parts.add(Part.of(text));
        }
    }

    /** How many of the last characters may be the beginning of a tag. */
    private int beginning() {
        for (int length = Math.min(OPEN.length() - 1, held.length()); length > 0; length--) {
            if (OPEN.startsWith(held.substring(held.length() - length))) {
                return length;
            }
        }
        return 0;
    }

    private Optional<Call> call(String text) {
        try {
            JsonNode call = json.read(text);
            JsonNode arguments = call.has("arguments") ? call.path("arguments") : call.path("parameters");
            return call.path("name").isTextual() && (arguments.isObject() || arguments.isMissingNode())
                    ? Optional.of(new Call(
                            call.get("name").textValue(), arguments.isObject() ? arguments.toString() : "{}"))
                    : Optional.empty();
        } catch (ApiException e) {
            return Optional.empty();
        }
    }
}
