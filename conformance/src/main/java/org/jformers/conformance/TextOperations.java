package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jformers.text.chat.ChatRequest;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.chat.Rendering;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.EncodeOptions;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Side;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.Truncation;

/** What cases call that have a tokenizer or a chat template. */
final class TextOperations {
    private TextOperations() {}

    static Map<String, Operation> all() {
        return Map.of(
                "tokenize", new Operation(Set.of("folder", "texts", "plain"), TextOperations::tokenize),
                "truncate", new Operation(
                        Set.of("folder", "first", "second", "max", "stride", "strategy", "side"),
                        TextOperations::truncate),
                "chat", new Operation(
                        Set.of("folder", "name", "template", "tokens", "messages", "tools", "documents", "vars",
                                "add_generation_prompt", "mask"),
                        TextOperations::chat));
    }

    private static JsonNode tokenize(Case one) {
        Tokenizer tokenizer = AutoTokenizer.load(one.path("folder"));
        ArrayNode all = Case.JSON.createArrayNode();
        for (JsonNode text : one.require("texts")) {
            Encoding encoding = encode(tokenizer, text, one.flag("plain"));
            ObjectNode parts = all.addObject();
            parts.set("ids", Case.JSON.valueToTree(encoding.ids()));
            parts.set("tokens", Case.JSON.valueToTree(encoding.tokens()));
            ArrayNode offsets = parts.putArray("offsets");
            for (int i = 0; i < encoding.length(); i++) {
                offsets.addArray().add(encoding.starts()[i]).add(encoding.ends()[i]);
            }
            parts.put("decoded", tokenizer.decode(encoding.ids()));
            parts.put("decoded_special", tokenizer.decodeWithSpecialTokens(encoding.ids()));
            retain(parts, one.expected().path(all.size() - 1));
        }
        return all;
    }

    private static Encoding encode(Tokenizer tokenizer, JsonNode text, boolean plain) {
        if (text.isArray()) {
            TextInput pair = TextInput.pair(text.get(0).asText(), text.get(1).asText());
            EncodeOptions options = plain ? EncodeOptions.DEFAULT.withoutSpecialTokens() : EncodeOptions.DEFAULT;
            return tokenizer.encodeBatch(List.of(pair), options).rows().get(0);
        }
        return plain ? tokenizer.encodePlain(text.asText()) : tokenizer.encode(text.asText());
    }

    private static JsonNode truncate(Case one) {
        Truncation truncation = new Truncation(
                one.number("max"),
                one.has("stride") ? one.number("stride") : 0,
                Truncation.Strategy.valueOf(
                        one.has("strategy") ? one.text("strategy").toUpperCase(Locale.ROOT) : "LONGEST_FIRST"),
                Side.valueOf(one.has("side") ? one.text("side").toUpperCase(Locale.ROOT) : "RIGHT"));
        Tokenizer tokenizer = AutoTokenizer.load(one.path("folder"));
        Encoding encoding = one.has("second")
                ? tokenizer.encode(one.text("first"), one.text("second"), truncation)
                : tokenizer.encode(one.text("first"), truncation);
        ObjectNode parts = Case.JSON.createObjectNode();
        parts.set("ids", Case.JSON.valueToTree(encoding.ids()));
        parts.set("overflow", Case.JSON.valueToTree(encoding.overflow().stream().map(Encoding::ids).toList()));
        return retain(parts, one.expected());
    }

    private static JsonNode chat(Case one) {
        ChatRequest.Builder builder = ChatRequest.builder(one.list("messages"))
                .addGenerationPrompt(one.flag("add_generation_prompt"));
        if (one.has("tools")) {
            builder.tools(one.list("tools"));
        }
        if (one.has("documents")) {
            builder.documents(one.list("documents"));
        }
        one.map("vars").forEach((name, value) -> builder.variable(String.valueOf(name), value));
        ChatRequest request = builder.build();
        Rendering rendering = template(one, request).render(request);
        ObjectNode parts = Case.JSON.createObjectNode();
        parts.put("text", rendering.text());
        ArrayNode generated = parts.putArray("generated");
        rendering.generated().forEach(span -> generated.addArray()
                .add(codePoints(rendering.text(), span.start())).add(codePoints(rendering.text(), span.end())));
        if (one.expected().has("ids") || one.flag("mask")) {
            Encoding encoding = rendering.encode(AutoTokenizer.load(one.path("folder")));
            parts.set("ids", Case.JSON.valueToTree(encoding.ids()));
            parts.set("mask", Case.JSON.valueToTree(rendering.assistantMask(encoding)));
        }
        return retain(parts, one.expected());
    }

    private static ChatTemplate template(Case one, ChatRequest request) {
        if (one.has("template")) {
            Map<String, String> tokens = new LinkedHashMap<>();
            one.map("tokens").forEach((name, token) -> tokens.put(String.valueOf(name), String.valueOf(token)));
            return ChatTemplate.parse(one.text("template"), tokens);
        }
        Path folder = one.path("folder");
        return one.has("name") ? ChatTemplate.load(folder, one.text("name")) : ChatTemplate.load(folder, request);
    }

    /** Python counts code points. */
    private static int codePoints(String text, int characters) {
        int within = Math.min(characters, text.length());
        return text.codePointCount(0, within) + characters - within;
    }

    /** Leaves the parts that a case has a value for. */
    private static ObjectNode retain(ObjectNode parts, JsonNode expected) {
        if (expected.isObject()) {
            Set<String> names = new TreeSet<>();
            expected.fieldNames().forEachRemaining(names::add);
            parts.retain(names);
        }
        return parts;
    }
}
