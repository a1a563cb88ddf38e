package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The normalizers of tokenizer.json by type. */
final class Normalizers {
    private static final Map<String, Function<Component, Normalizer>> TYPES = Map.ofEntries(
            Map.entry("Sequence", Normalizers::sequence),
            Map.entry("NFC", c -> UnicodeNormalization.NFC),
            Map.entry("NFD", c -> UnicodeNormalization.NFD),
            Map.entry("NFKC", c -> UnicodeNormalization.NFKC),
            Map.entry("NFKD", c -> UnicodeNormalization.NFKD),
            Map.entry("Lowercase", c -> Normalizers::lowercase),
            Map.entry("StripAccents", c -> text -> without(text, Categories::isMark)),
            Map.entry("Strip", Normalizers::strip),
            Map.entry("Replace", Normalizers::replace),
            Map.entry("Prepend", c -> prepend(c.text("prepend"))),
            Map.entry("Nmt", c -> Normalizers::nmt),
            Map.entry("BertNormalizer", BertNormalizer::of),
            Map.entry("ByteLevel", c -> ByteLevel::map),
            Map.entry("Precompiled", PrecompiledCharsmap::of));

    /** The types that files of old versions do not name, in the order in which they are tried. */
    private static final List<String> UNNAMED =
            List.of("BertNormalizer", "Strip", "Sequence", "Replace", "Prepend");

    private Normalizers() {}

    static Normalizer of(@Nullable JsonNode node) {
        return node == null || node.isNull() ? Normalizer.NONE : required(node);
    }

    private static Normalizer required(JsonNode node) {
        return Component.buildOrGuess("normalizer", node, UNNAMED, TYPES);
    }

    /** Puts the string before the text, at the place of its first character; an empty text stays empty. */
    static Text prepended(Text text, String prefix) {
        if (text.isEmpty()) {
            return text;
        }
        Text.Builder out = text.builder((long) text.length() + prefix.length());
        for (int c, i = 0; i < prefix.length(); i += Character.charCount(c)) {
            c = prefix.codePointAt(i);
            out.add(c, text, 0);
        }
        return out.copy(text, 0, text.length()).build();
    }

    /** Replaces every match by the content, at the place of the match's last character. */
    static Text replaced(Text text, Spans spans, String content) {
        if (spans.size() == 1 && !spans.isMatch(0)) {
            return text;
        }
        Text.Builder out = text.builder(text.length() + 8);
        int origin = text.isEmpty() ? 0 : text.start(0);
        for (int i = 0; i < spans.size(); i++) {
            if (!spans.isMatch(i)) {
                out.copy(text, spans.start(i), spans.end(i));
                continue;
            }
            int last = spans.end(i) - 1;
            int start = last < 0 ? origin : text.start(last);
            int end = last < 0 ? origin : text.end(last);
            content.codePoints().forEach(c -> out.add(c, start, end));
        }
        return out.build();
    }

    /** Lower case character by character, without regard to context. */
    static Text lowercase(Text text) {
        Text.Builder out = text.builder(text.length());
        for (int i = 0; i < text.length(); i++) {
            int c = text.at(i);
            if (c == 0x130) { // the one character whose lower case is two
                out.add('i', text, i).add(0x307, text, i);
            } else {
                out.add(Character.toLowerCase(c), text, i);
            }
        }
        return out.build();
    }

    static Text without(Text text, IntPredicate dropped) {
        int first = 0;
        while (first < text.length() && !dropped.test(text.at(first))) {
            first++;
        }
        if (first == text.length()) {
            return text;
        }
        Text.Builder out = text.builder(text.length()).copy(text, 0, first);
        for (int i = first + 1; i < text.length(); i++) {
            if (!dropped.test(text.at(i))) {
                out.add(text.at(i), text, i);
            }
        }
        return out.build();
    }

    private static Normalizer sequence(Component component) {
        List<Normalizer> steps = component.list("normalizers").stream().map(Normalizers::required).toList();
        return text -> {
            Text result = text;
            for (Normalizer step : steps) {
                result.budget.spend(1 + result.length());
                result = step.normalize(result);
            }
            return result;
        };
    }

    private static Normalizer strip(Component component) {
        boolean left = component.flag("strip_left");
        boolean right = component.flag("strip_right");
        return text -> {
            int from = 0;
            int to = text.length();
            while (left && from < to && CodePoints.isWhitespace(text.at(from))) {
                from++;
            }
            while (right && from < to && CodePoints.isWhitespace(text.at(to - 1))) {
                to--;
            }
            return text.slice(from, to);
        };
    }

    private static Normalizer replace(Component component) {
        TextPattern pattern = TextPattern.of(component.node().get("pattern"));
        String content = component.text("content");
        return text -> replaced(text, pattern.find(text), content);
    }

    private static Normalizer prepend(String prefix) {
        return text -> prepended(text, prefix);
    }

    /** Drops control characters and turns the many kinds of space into a plain one, as in sentencepiece's nmt rules. */
    private static Text nmt(Text text) {
        Text kept = without(
                text,
                c -> (c >= 0x1 && c <= 0x8)
                        || c == 0xB
                        || (c >= 0xE && c <= 0x1F)
                        || c == 0x7F
                        || c == 0x8F
                        || c == 0x9F);
        Text.Builder out = kept.builder(kept.length());
        for (int i = 0; i < kept.length(); i++) {
            out.add(isNmtSpace(kept.at(i)) ? ' ' : kept.at(i), kept, i);
        }
        return out.build();
    }

    private static boolean isNmtSpace(int c) {
        return c == 0x9
                || c == 0xA
                || c == 0xC
                || c == 0xD
                || c == 0x1680
                || (c >= 0x200B && c <= 0x200F)
                || c == 0x2028
                || c == 0x2029
                || c == 0x2581
                || c == 0xFEFF
                || c == 0xFFFD;
    }
}
