package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Compares a tokenizer with the lines of a golden.jsonl, as the fixtures' README describes them. */
final class GoldenLines {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Tokenizer tokenizer;
    private final Tokenizer target;
    private final List<String> differences = new ArrayList<>();
    private int line;

    private GoldenLines(Tokenizer tokenizer, Tokenizer target) {
        this.tokenizer = tokenizer;
        this.target = target;
    }

    /** Differences between the tokenizer and the file; empty when it conforms. */
    static List<String> differences(Tokenizer tokenizer, Path goldenJsonl) throws IOException {
        return differences(tokenizer, tokenizer, goldenJsonl);
    }

    /** The same for a model with a tokenizer of its own for target texts. */
    static List<String> differences(Tokenizer tokenizer, Tokenizer target, Path goldenJsonl) throws IOException {
        GoldenLines golden = new GoldenLines(tokenizer, target);
        for (String line : Files.readAllLines(goldenJsonl)) {
            golden.line++;
            golden.check(JSON.readTree(line));
        }
        return golden.line == 0 ? List.of("no lines in " + goldenJsonl) : golden.differences;
    }

    private void check(JsonNode node) {
        String kind = node.path("kind").asText();
        try {
            switch (kind) {
                case "single" -> single(node);
                case "pair" -> pair(node);
                case "truncation" -> truncation(node);
                case "padding" -> padding(node);
                case "decode" -> decode(node);
                case "target" -> same("target", node.get("text"), numbers(node.get("ids")),
                        list(target.encode(node.get("text").asText()).ids()));
                case "sentencepiece" -> sentencePiece(node);
                case "vocabulary" -> {
                    SpecialTokens roles = tokenizer.specialTokens();
                    same("size", "vocabulary", node.get("size").asInt(), tokenizer.vocabSize());
                    same("unk_id", "vocabulary", node.get("unk_id").asInt(), roles.unk().orElse(-1));
                    same("bos_id", "vocabulary", node.get("bos_id").asInt(), roles.bos().orElse(-1));
                    same("eos_id", "vocabulary", node.get("eos_id").asInt(), roles.eos().orElse(-1));
                    same("pad_id", "vocabulary", node.get("pad_id").asInt(), roles.pad().orElse(-1));
                }
                default -> differences.add(line + ": unsupported kind " + kind);
            }
        } catch (RuntimeException e) {
            differences.add(line + " " + kind + ": " + e + " at " + e.getStackTrace()[0] + " for " + node.path("text"));
        }
    }

    private void single(JsonNode node) {
        String text = node.get("text").asText();
        Encoding encoding = tokenizer.encode(text);
        parts(node, encoding);
        if (node.has("words")) {
            same("words", text, numbers(node.get("words")), list(encoding.words()));
        }
        if (node.has("ids_without_special")) {
            same("ids_without_special", text, numbers(node.get("ids_without_special")),
                    list(tokenizer.encodePlain(text).ids()));
        }
        decoded(node, encoding.ids());
    }

    private void pair(JsonNode node) {
        Encoding encoding = tokenizer.encode(node.get("text").asText(), node.get("pair").asText());
        parts(node, encoding);
        if (node.has("sequence_ids")) {
            same("sequence_ids", node.get("text"), numbers(node.get("sequence_ids")), list(encoding.sequences()));
        }
        decoded(node, encoding.ids());
    }

    private void truncation(JsonNode node) {
        Truncation truncation = new Truncation(
                node.get("max_length").asInt(),
                node.get("stride").asInt(),
                Truncation.Strategy.valueOf(node.get("strategy").asText().toUpperCase(Locale.ROOT)),
                Side.valueOf(node.get("direction").asText().toUpperCase(Locale.ROOT)));
        String text = node.get("text").asText();
        Encoding encoding = node.hasNonNull("pair")
                ? tokenizer.encode(text, node.get("pair").asText(), truncation)
                : tokenizer.encode(text, truncation);
        parts(node, encoding);
        same("overflowing", text, numbers(node.get("overflowing")),
                encoding.overflow().stream().map(window -> list(window.ids())).toList());
    }

    private void padding(JsonNode node) {
        Truncation truncation = Truncation.to(node.get("truncate_to").asInt());
        Padding padding = new Padding(
                node.hasNonNull("length") ? OptionalInt.of(node.get("length").asInt()) : OptionalInt.empty(),
                node.path("multiple").asInt(0) == 0 ? 1 : node.get("multiple").asInt(),
                Side.valueOf(node.get("direction").asText().toUpperCase(Locale.ROOT)),
                node.get("pad_id").asInt(),
                node.get("pad_token").asText(),
                0);
        List<Encoding> batch = padding.pad(strings(node.get("texts"))
                .map(text -> tokenizer.encode(text, truncation))
                .toList());
        same("ids", node.get("texts"), numbers(node.get("ids")), batch.stream().map(e -> list(e.ids())).toList());
        same("attention_mask", node.get("texts"), numbers(node.get("attention_mask")),
                batch.stream().map(e -> list(e.attentionMask())).toList());
        same("type_ids", node.get("texts"), numbers(node.get("type_ids")),
                batch.stream().map(e -> list(e.typeIds())).toList());
    }

    private void sentencePiece(JsonNode node) {
        String text = node.get("text").asText();
        Encoding encoding = tokenizer.encode(text);
        same("ids", text, numbers(node.get("ids")), list(encoding.ids()));
        same("tokens", text, strings(node.get("tokens")).toList(), encoding.tokens());
        List<String> surfaces = new ArrayList<>();
        List<List<Integer>> byteOffsets = new ArrayList<>();
        for (int i = 0; i < encoding.length(); i++) {
            int start = text.offsetByCodePoints(0, encoding.starts()[i]);
            int end = text.offsetByCodePoints(0, encoding.ends()[i]);
            surfaces.add(text.substring(start, end));
            byteOffsets.add(List.of(bytes(text.substring(0, start)), bytes(text.substring(0, end))));
        }
        same("surfaces", text, strings(node.get("surfaces")).toList(), surfaces);
        same("byte_offsets", text, numbers(node.get("byte_offsets")), byteOffsets);
        same("decoded", node.get("ids"), node.get("decoded").asText(), tokenizer.decode(encoding.ids()));
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private void decode(JsonNode node) {
        int[] ids = IntStream.range(0, node.get("ids").size()).map(i -> node.get("ids").get(i).asInt()).toArray();
        same("tokens", node.get("ids"), strings(node.get("tokens")).toList(),
                Arrays.stream(ids).mapToObj(tokenizer::token).toList());
        decoded(node, ids);
    }

    private void parts(JsonNode node, Encoding encoding) {
        JsonNode text = node.get("text");
        same("ids", text, numbers(node.get("ids")), list(encoding.ids()));
        if (node.has("tokens")) {
            same("tokens", text, strings(node.get("tokens")).toList(), encoding.tokens());
        }
        if (node.has("offsets")) {
            same("offsets", text, numbers(node.get("offsets")),
                    IntStream.range(0, encoding.length())
                            .mapToObj(i -> List.of(encoding.starts()[i], encoding.ends()[i]))
                            .toList());
        }
        if (node.has("type_ids")) {
            same("type_ids", text, numbers(node.get("type_ids")), list(encoding.typeIds()));
        }
        if (node.has("special_mask")) {
            same("special_mask", text, numbers(node.get("special_mask")), list(encoding.specialTokensMask()));
        }
    }

    private void decoded(JsonNode node, int[] ids) {
        if (node.has("decoded")) {
            same("decoded", node.get("ids"), node.get("decoded").asText(), tokenizer.decodeWithSpecialTokens(ids));
        }
        if (node.has("decoded_skip_special")) {
            String expected = node.get("decoded_skip_special").asText();
            same("decoded_skip_special", node.get("ids"), expected, tokenizer.decode(ids));
            TokenStream stream = tokenizer.stream();
            StringBuilder streamed = new StringBuilder();
            Arrays.stream(ids).forEach(id -> streamed.append(stream.next(id)));
            same("streamed", node.get("ids"), expected, streamed.append(stream.finish()).toString());
        }
    }

    private void same(String what, Object input, Object expected, Object got) {
        if (!Objects.equals(expected, got)) {
            differences.add(line + " " + what + " of " + input + ": expected " + expected + ", got " + got);
        }
    }

    /** Numbers as they nest; null, which stands for no word and no sequence, as -1. */
    private static Object numbers(JsonNode node) {
        if (!node.isArray()) {
            return node.isNull() ? -1 : node.asInt();
        }
        List<Object> list = new ArrayList<>();
        node.forEach(element -> list.add(numbers(element)));
        return list;
    }

    private static Stream<String> strings(JsonNode node) {
        return IntStream.range(0, node.size()).mapToObj(i -> node.get(i).asText());
    }

    private static List<Integer> list(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
