package org.jformers.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Padding;
import org.jformers.text.tokenizer.Side;
import org.jformers.text.tokenizer.SpecialTokens;
import org.jformers.text.tokenizer.TokenStream;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.Truncation;

/** Compares a tokenizer with single lines of a golden file. */
final class GoldenLine {
    /** The kinds of lines that can be compared. */
    static final Set<String> KINDS = Set.of(
            "single", "pair", "truncation", "padding", "decode", "target", "sentencepiece", "vocabulary");

    private final Tokenizer tokenizer;
    private final Tokenizer target;
    private List<String> differences = List.of();

    /**
     * @param tokenizer of source texts
     * @param target of target texts; the same unless a translation model has two
     */
    GoldenLine(Tokenizer tokenizer, Tokenizer target) {
        this.tokenizer = tokenizer;
        this.target = target;
    }

    /** How the tokenizer differs from the line: what, for which text, expected and got. */
    List<String> differences(JsonNode line) {
        differences = new ArrayList<>();
        try {
            switch (line.path("kind").asText()) {
                case "single" -> single(line);
                case "pair" -> pair(line);
                case "truncation" -> truncation(line);
                case "padding" -> padding(line);
                case "decode" -> decode(line);
                case "target" -> same("ids", line.get("text"), numbers(line.get("ids")),
                        list(target.encode(line.get("text").asText()).ids()));
                case "sentencepiece" -> sentencePiece(line);
                case "vocabulary" -> vocabulary(line);
                default -> { }
            }
        } catch (RuntimeException e) {
            differences.add(e.getClass().getSimpleName() + ": " + e.getMessage() + ", for " + line.path("text"));
        }
        return differences;
    }

    private void single(JsonNode line) {
        String text = line.get("text").asText();
        Encoding encoding = tokenizer.encode(text);
        parts(line, encoding);
        if (line.has("words")) {
            same("words", text, numbers(line.get("words")), list(encoding.words()));
        }
        if (line.has("ids_without_special")) {
            same("ids_without_special", text, numbers(line.get("ids_without_special")),
                    list(tokenizer.encodePlain(text).ids()));
        }
        decoded(line, encoding.ids());
    }

    private void pair(JsonNode line) {
        Encoding encoding = tokenizer.encode(line.get("text").asText(), line.get("pair").asText());
        parts(line, encoding);
        if (line.has("sequence_ids")) {
            same("sequence_ids", line.get("text"), numbers(line.get("sequence_ids")), list(encoding.sequences()));
        }
        decoded(line, encoding.ids());
    }

    private void truncation(JsonNode line) {
        Truncation truncation = new Truncation(
                line.get("max_length").asInt(),
                line.get("stride").asInt(),
                Truncation.Strategy.valueOf(line.get("strategy").asText().toUpperCase(Locale.ROOT)),
                Side.valueOf(line.get("direction").asText().toUpperCase(Locale.ROOT)));
        String text = line.get("text").asText();
        Encoding encoding = line.hasNonNull("pair")
                ? tokenizer.encode(text, line.get("pair").asText(), truncation)
                : tokenizer.encode(text, truncation);
        parts(line, encoding);
        same("overflowing", text, numbers(line.get("overflowing")),
                encoding.overflow().stream().map(window -> list(window.ids())).toList());
    }

    private void padding(JsonNode line) {
        Truncation truncation = Truncation.to(line.get("truncate_to").asInt());
        int multiple = line.path("multiple").asInt(0);
        Padding padding = new Padding(
                line.hasNonNull("length") ? OptionalInt.of(line.get("length").asInt()) : OptionalInt.empty(),
                multiple == 0 ? 1 : multiple,
                Side.valueOf(line.get("direction").asText().toUpperCase(Locale.ROOT)),
                line.get("pad_id").asInt(),
                line.get("pad_token").asText(),
                0);
        JsonNode texts = line.get("texts");
        List<Encoding> batch =
                padding.pad(strings(texts).map(text -> tokenizer.encode(text, truncation)).toList());
        same("ids", texts, numbers(line.get("ids")), batch.stream().map(e -> list(e.ids())).toList());
        same("attention_mask", texts, numbers(line.get("attention_mask")),
                batch.stream().map(e -> list(e.attentionMask())).toList());
        same("type_ids", texts, numbers(line.get("type_ids")), batch.stream().map(e -> list(e.typeIds())).toList());
    }

    private void decode(JsonNode line) {
        JsonNode given = line.get("ids");
        int[] ids = IntStream.range(0, given.size()).map(i -> given.get(i).asInt()).toArray();
        if (line.has("tokens")) {
            same("tokens", given, strings(line.get("tokens")).toList(),
                    Arrays.stream(ids).mapToObj(tokenizer::token).toList());
        }
        decoded(line, ids);
    }

    /** Lines of a sentencepiece model alone: offsets count UTF-8 bytes. */
    private void sentencePiece(JsonNode line) {
        String text = line.get("text").asText();
        Encoding encoding = tokenizer.encode(text);
        same("ids", text, numbers(line.get("ids")), list(encoding.ids()));
        same("tokens", text, strings(line.get("tokens")).toList(), encoding.tokens());
        List<String> surfaces = new ArrayList<>();
        List<List<Integer>> byteOffsets = new ArrayList<>();
        for (int i = 0; i < encoding.length(); i++) {
            int start = text.offsetByCodePoints(0, encoding.starts()[i]);
            int end = text.offsetByCodePoints(0, encoding.ends()[i]);
            surfaces.add(text.substring(start, end));
            byteOffsets.add(List.of(bytes(text.substring(0, start)), bytes(text.substring(0, end))));
        }
        same("surfaces", text, strings(line.get("surfaces")).toList(), surfaces);
        same("byte_offsets", text, numbers(line.get("byte_offsets")), byteOffsets);
        same("decoded", line.get("ids"), line.get("decoded").asText(), tokenizer.decode(encoding.ids()));
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private void vocabulary(JsonNode line) {
        SpecialTokens roles = tokenizer.specialTokens();
        same("size", "vocabulary", line.get("size").asInt(), tokenizer.vocabSize());
        same("unk_id", "vocabulary", line.get("unk_id").asInt(), roles.unk().orElse(-1));
        same("bos_id", "vocabulary", line.get("bos_id").asInt(), roles.bos().orElse(-1));
        same("eos_id", "vocabulary", line.get("eos_id").asInt(), roles.eos().orElse(-1));
        same("pad_id", "vocabulary", line.get("pad_id").asInt(), roles.pad().orElse(-1));
    }

    private void parts(JsonNode line, Encoding encoding) {
        JsonNode text = line.get("text");
        same("ids", text, numbers(line.get("ids")), list(encoding.ids()));
        if (line.has("tokens")) {
            same("tokens", text, strings(line.get("tokens")).toList(), encoding.tokens());
        }
        if (line.has("offsets")) {
            same("offsets", text, numbers(line.get("offsets")),
                    IntStream.range(0, encoding.length())
                            .mapToObj(i -> List.of(encoding.starts()[i], encoding.ends()[i]))
                            .toList());
        }
        if (line.has("type_ids")) {
            same("type_ids", text, numbers(line.get("type_ids")), list(encoding.typeIds()));
        }
        if (line.has("special_mask")) {
            same("special_mask", text, numbers(line.get("special_mask")), list(encoding.specialTokensMask()));
        }
    }

    private void decoded(JsonNode line, int[] ids) {
        if (line.has("decoded")) {
            same("decoded", line.get("ids"), line.get("decoded").asText(), tokenizer.decodeWithSpecialTokens(ids));
        }
        if (line.has("decoded_skip_special")) {
            String expected = line.get("decoded_skip_special").asText();
            same("decoded_skip_special", line.get("ids"), expected, tokenizer.decode(ids));
            if (expected.contains("\uFFFD")) {
                return; // a stream cannot take back what it has given out before a byte turns out to be wrong
            }
            TokenStream stream = tokenizer.stream();
            StringBuilder streamed = new StringBuilder();
            Arrays.stream(ids).forEach(id -> streamed.append(stream.next(id)));
            same("streamed", line.get("ids"), expected, streamed.append(stream.finish()).toString());
        }
    }

    private void same(String what, Object input, Object expected, Object got) {
        if (!Objects.equals(expected, got)) {
            differences.add(what + " of " + input + ": expected " + expected + ", got " + got);
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
