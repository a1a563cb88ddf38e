package org.jformers.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.VisibleText;

/**
 * Messages of a user, an assistant and others, as plain data for a chat template.
 *
 * @param messages each with a {@code role}
 * @param tools functions that the assistant may call, as JSON schemas
 */
public record Conversation(List<Map<String, Object>> messages, Optional<List<?>> tools) {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /** How the messages of ShareGPT call their parts, and what they are. */
    private static final Map<String, String> KEYS = Map.of("from", "role", "value", "content");
    private static final Map<String, String> ROLES = Map.of("human", "user", "gpt", "assistant");

    public Conversation {
        messages = List.copyOf(messages);
    }

    /** A question and its answer. */
    public static Conversation of(String prompt, String answer) {
        return new Conversation(List.of(message("user", prompt), message("assistant", answer)), Optional.empty());
    }

    private static Map<String, Object> message(String role, String content) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }

    /**
     * Reads messages. Keys whose value is null count as missing, since tables give every message the keys of all.
     * Messages with {@code from} and {@code value} are read as such with {@code role} and {@code content}.
     *
     * @param messages a JSON list of objects
     * @param tools a JSON list; blank for none
     * @param where the row, for messages
     * @throws DataException if they are something else
     */
    public static Conversation parse(String messages, String tools, String where) {
        List<Map<String, Object>> read = new ArrayList<>();
        for (Object message : list(messages, where, "messages")) {
            if (!(message instanceof Map<?, ?> object)) {
                throw new DataException(where + ": message " + (read.size() + 1) + " is "
                        + VisibleText.line(String.valueOf(message)) + ", allowed: an object with role and content");
            }
            Map<String, Object> named = new LinkedHashMap<>();
            boolean shared = object.containsKey("from");
            object.forEach((key, value) -> named.put(KEYS.getOrDefault(key, (String) key), value));
            if (!(named.get("role") instanceof String role)) {
                throw new DataException(where + ": message " + (read.size() + 1) + " has no role, allowed: an object"
                        + " with role and content");
            }
            named.put("role", shared ? ROLES.getOrDefault(role, role) : role);
            read.add(named);
        }
        return new Conversation(read, tools.isBlank() ? Optional.empty() : Optional.of(list(tools, where, "tools")));
    }

    private static List<?> list(String json, String where, String what) {
        Object value;
        try {
            value = JSON.readValue(json, Object.class);
        } catch (JsonProcessingException e) {
            throw new DataException(where + ": " + what + ": no valid JSON, got " + VisibleText.line(json), e);
        }
        if (value instanceof List<?> list && !list.isEmpty()) {
            return (List<?>) withoutNulls(list);
        }
        throw new DataException(where + ": " + what + ": got " + VisibleText.line(json) + ", allowed: a JSON list");
    }

    private static Object withoutNulls(Object value) {
        if (value instanceof Map<?, ?> object) {
            Map<Object, Object> kept = new LinkedHashMap<>();
            object.forEach((key, inner) -> {
                if (inner != null) {
                    kept.put(key, withoutNulls(inner));
                }
            });
            return kept;
        }
        if (value instanceof List<?> list) {
            List<Object> kept = new ArrayList<>();
            list.forEach(inner -> kept.add(withoutNulls(inner)));
            return kept;
        }
        return value;
    }

    /** The messages before the last answer; empty if the assistant says nothing. */
    public Optional<Conversation> beforeLastAnswer() {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if ("assistant".equals(messages.get(i).get("role"))) {
                return Optional.of(new Conversation(messages.subList(0, i), tools));
            }
        }
        return Optional.empty();
    }
}
