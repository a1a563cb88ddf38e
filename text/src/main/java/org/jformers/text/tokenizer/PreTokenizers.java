package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The pre-tokenizers of tokenizer.json by type. */
final class PreTokenizers {
    private static final Map<String, Function<Component, PreTokenizer>> TYPES = Map.ofEntries(
            Map.entry("ByteLevel", c -> PreTokenizers.byteLevelSplit(c).then(mapped(ByteLevel::map))),
            Map.entry("BertPreTokenizer", c -> each(CodePoints::isWhitespace, SplitBehavior.REMOVED)
                    .then(each(Categories::isPunctuation, SplitBehavior.ISOLATED))),
            Map.entry("Whitespace", c -> PreTokenizers::words),
            Map.entry("WhitespaceSplit", c -> each(CodePoints::isWhitespace, SplitBehavior.REMOVED)),
            Map.entry("Split", PreTokenizers::split),
            Map.entry("Punctuation", c -> each(
                    Categories::isPunctuation,
                    c.node().has("behavior") ? SplitBehavior.of(c.text("behavior")) : SplitBehavior.ISOLATED)),
            Map.entry("Digits", c -> each(
                    CodePoints::isNumber,
                    c.flag("individual_digits") ? SplitBehavior.ISOLATED : SplitBehavior.CONTIGUOUS)),
            Map.entry("CharDelimiterSplit", c -> delimiter(c.character("delimiter"))),
            Map.entry("Metaspace", PreTokenizers::metaspace),
            Map.entry("UnicodeScripts", c -> PreTokenizers::scripts),
            Map.entry("FixedLength", c -> fixedLength(c.integer("length", 5))));

    private static final Set<String> KNOWN =
            Stream.concat(TYPES.keySet().stream(), Stream.of("Sequence")).collect(Collectors.toUnmodifiableSet());

    /** Every step hands words to the next one, within a call of its own. */
    private static final int MAX_STEPS = 100;

    private static final PreTokenizer WHOLE = (text, out) -> {
        if (!text.isEmpty()) {
            out.accept(text);
        }
    };

    private PreTokenizers() {}

    /**
     * How a text becomes words, and how a word becomes what the model sees.
     *
     * @param splitter cuts the text
     * @param mapping changes the characters of a word, without regard to its surroundings
     */
    record Stages(PreTokenizer splitter, Normalizer mapping) {}

    /**
     * Reads a pre-tokenizer; a byte-level one at the end is kept apart as the mapping, so that words can be looked up
     * before they are mapped.
     */
    static Stages stages(@Nullable JsonNode node) {
        if (node == null || node.isNull()) {
            return new Stages(WHOLE, Normalizer.NONE);
        }
        List<Component> steps = new ArrayList<>();
        flatten(node, steps);
        if (steps.size() > MAX_STEPS) {
            throw new TokenizerException(
                    "pre-tokenizer: must have at most " + MAX_STEPS + " steps, got " + steps.size());
        }
        JsonNode last = steps.isEmpty() ? node : steps.get(steps.size() - 1).node();
        boolean mapped = last.path("type").asText().equals("ByteLevel");
        PreTokenizer splitter = null;
        for (int i = 0; i < steps.size(); i++) {
            Component step = steps.get(i);
            PreTokenizer next = mapped && i == steps.size() - 1
                    ? byteLevelSplit(step)
                    : Component.build("pre-tokenizer", step.node(), TYPES);
            splitter = splitter == null ? next : splitter.then(next);
        }
        return new Stages(splitter == null ? WHOLE : splitter, mapped ? ByteLevel::map : Normalizer.NONE);
    }

    /** The steps in order, whose own sequences take their places. */
    private static void flatten(JsonNode node, List<Component> steps) {
        Component component = Component.of("pre-tokenizer", node, KNOWN);
        if (node.path("type").asText().equals("Sequence")) {
            component.list("pretokenizers").forEach(step -> flatten(step, steps));
        } else {
            steps.add(component);
        }
    }

    private static PreTokenizer byteLevelSplit(Component component) {
        component.flag("trim_offsets"); // for the post-processor of the same form
        PreTokenizer cut = component.flag("use_regex", true) ? ByteLevel::split : WHOLE;
        if (!component.flag("add_prefix_space")) {
            return cut;
        }
        return (text, out) ->
                cut.split(!text.isEmpty() && text.at(0) == ' ' ? text : Normalizers.prepended(text, " "), out);
    }

    private static PreTokenizer mapped(Normalizer mapping) {
        return (text, out) -> out.accept(mapping.normalize(text));
    }

    private static PreTokenizer each(IntPredicate characters, SplitBehavior behavior) {
        // BERT cuts every word once more; lists of spans for that were a fifth of what a text allocated.
        if (behavior == SplitBehavior.REMOVED || behavior == SplitBehavior.ISOLATED) {
            return (text, out) -> splitAt(characters, behavior == SplitBehavior.ISOLATED, text, out);
        }
        TextPattern pattern = TextPattern.each(characters);
        return (text, out) -> behavior.split(text, pattern.find(text), out);
    }

    /** The text between certain characters, and these by themselves if they are kept. */
    private static void splitAt(IntPredicate characters, boolean keep, Text text, Consumer<Text> out) {
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (characters.test(text.at(i))) {
                if (start < i) {
                    out.accept(text.slice(start, i));
                }
                if (keep) {
                    out.accept(text.slice(i, i + 1));
                }
                start = i + 1;
            }
        }
        if (start < text.length()) {
            out.accept(text.slice(start, text.length()));
        }
    }

    private static PreTokenizer delimiter(int delimiter) {
        return each(c -> c == delimiter, SplitBehavior.REMOVED);
    }

    private static PreTokenizer split(Component component) {
        SplitBehavior behavior = SplitBehavior.of(component.text("behavior"));
        boolean invert = component.flag("invert");
        JsonNode patternNode = component.node().get("pattern");
        if (!invert
                && behavior == SplitBehavior.ISOLATED
                && patternNode != null
                && patternNode.path("Regex").asText().equals(ByteLevel.PATTERN)) {
            return ByteLevel::split;
        }
        TextPattern pattern = TextPattern.of(patternNode);
        return (text, out) -> {
            Spans spans = pattern.find(text);
            behavior.split(text, invert ? spans.inverted() : spans, out);
        };
    }

    private static PreTokenizer metaspace(Component component) {
        int mark = component.character("replacement");
        Metaspace.Prepend prepend = Metaspace.Prepend.of(component);
        PreTokenizer cut =
                component.nullableFlag("split", true) ? (text, out) -> splitBefore(mark, text, out) : WHOLE;
        return (text, out) -> {
            if (!text.isEmpty()) {
                boolean wanted = prepend == Metaspace.Prepend.ALWAYS
                        || (prepend == Metaspace.Prepend.FIRST && text.start(0) == 0);
                cut.split(marked(text, mark, wanted), out);
            }
        };
    }

    /** The text with a mark for every space, and one before it, if wanted, at the place of the first character. */
    private static Text marked(Text text, int mark, boolean before) {
        Text.Builder out = text.builder(text.length() + 1);
        if (before && text.at(0) != ' ' && text.at(0) != mark) {
            out.add(mark, text, 0);
        }
        for (int i = 0; i < text.length(); i++) {
            out.add(text.at(i) == ' ' ? mark : text.at(i), text, i);
        }
        return out.build();
    }

    /** Pieces that begin with the mark, but for the first. */
    private static void splitBefore(int mark, Text text, Consumer<Text> out) {
        int start = 0;
        for (int i = 1; i <= text.length(); i++) {
            if (i == text.length() || text.at(i) == mark) {
                out.accept(text.slice(start, i));
                start = i;
            }
        }
    }

    /** Runs of word characters, and runs of what is neither word character nor space. */
    private static void words(Text text, Consumer<Text> out) {
        int start = 0;
        while (start < text.length()) {
            int c = text.at(start);
            int end = start + 1;
            if (!CodePoints.isWhitespace(c)) {
                boolean word = CodePoints.isWord(c);
                while (end < text.length()
                        && !CodePoints.isWhitespace(text.at(end))
                        && CodePoints.isWord(text.at(end)) == word) {
                    end++;
                }
                out.accept(text.slice(start, end));
            }
            start = end;
        }
    }

    /**
     * Runs of one script; kana counts as Han, a space belongs to any script, and those before the first are left out.
     */
    private static void scripts(Text text, Consumer<Text> out) {
        Character.UnicodeScript last = null;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            Character.UnicodeScript script = script(text.at(i));
            if (script != null && script != last) {
                if (last != null) {
                    out.accept(text.slice(start, i));
                }
                start = i;
            }
            last = script == null ? last : script;
        }
        if (last != null) {
            out.accept(text.slice(start, text.length()));
        }
    }

    /** The script of a character; null of a space. */
    private static Character.@Nullable UnicodeScript script(int c) {
        if (c == ' ') {
            return null;
        }
        Character.UnicodeScript script = Character.UnicodeScript.of(c);
        boolean kana = script == Character.UnicodeScript.HIRAGANA || script == Character.UnicodeScript.KATAKANA;
        return kana || c == 0x30FC ? Character.UnicodeScript.HAN : script;
    }

    private static PreTokenizer fixedLength(int length) {
        if (length < 1) {
            throw new TokenizerException("pre-tokenizer FixedLength: length must be >= 1, got " + length);
        }
        return (text, out) -> {
            for (int i = 0; i < text.length(); i += length) {
                out.accept(text.slice(i, Math.min(i + length, text.length())));
            }
        };
    }
}
