package org.jformers.pipeline.answer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds calls of functions in an answer as it comes. What is no call, be it a broken one, stays text. */
public final class ToolText {
    private static final String OPEN = "<tool_call>";
    private static final String CLOSE = "</tool_call>";

    private static final int DEEPEST = 64;
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                    // Names are the model's, and so its callers': kept for all times, they would be memory of theirs.
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Optional<ToolForm> form;
    private final StringBuilder held = new StringBuilder();
    private boolean told;

    /**
     * A part of an answer: text, or a call.
     *
     * @param call set for a call
     */
    public record Part(String text, Optional<Call> call) {
        static Part of(String text) {
            return new Part(text, Optional.empty());
        }
    }

    /** A call of a function; {@code arguments} is JSON, as OpenAI has it. */
    public record Call(String name, String arguments) {}

    /** @param form empty where everything is text */
    public ToolText(Optional<ToolForm> form) {
        this.form = form;
    }

    /** Takes what comes next; returns what is certain. */
    public List<Part> take(String piece) {
        if (form.isEmpty()) {
            return piece.isEmpty() ? List.of() : List.of(Part.of(piece));
        }
        held.append(piece);
        return form.get() == ToolForm.TAGGED ? tagged() : object();
    }

    /** What was held back, at the end. */
    public List<Part> finish() {
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
            JsonNode call = JSON.readTree(text);
            JsonNode arguments = call.has("arguments") ? call.path("arguments") : call.path("parameters");
            return call.path("name").isTextual() && (arguments.isObject() || arguments.isMissingNode())
                    ? Optional.of(new Call(
                            call.get("name").textValue(), arguments.isObject() ? arguments.toString() : "{}"))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
