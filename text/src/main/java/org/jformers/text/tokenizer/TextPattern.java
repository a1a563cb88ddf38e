package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.IntPredicate;
import org.jformers.text.regex.Regex;
import org.jformers.text.regex.RegexException;
import org.jspecify.annotations.Nullable;

/** Finds matches in a text: a literal string, a regular expression, or single characters of a class. */
interface TextPattern {

    /** All of the text, cut into matches and what lies between them; never empty. */
    Spans find(Text text);

    /** Reads {@code {"String": ...}} or {@code {"Regex": ...}}. */
    static TextPattern of(@Nullable JsonNode node) {
        return regex(regex(node));
    }

    /** The regular expression of a pattern. */
    static Regex regex(@Nullable JsonNode node) {
        if (node != null && node.isObject() && node.size() == 1) {
            if (node.path("String").isTextual()) {
                return Regex.literal(node.get("String").textValue());
            }
            if (node.path("Regex").isTextual()) {
                return compile(node.get("Regex").textValue());
            }
        }
        throw new TokenizerException("pattern must be {\"String\": ...} or {\"Regex\": ...}, got " + node);
    }

    /** A regular expression as tokenizer.json has them. */
    static Regex compile(String regex) {
        try {
            return Regex.compile(regex);
        } catch (RegexException e) {
            throw new TokenizerException(e.getMessage(), e);
        }
    }

    /** Every character of the class is a match of its own. */
    static TextPattern each(IntPredicate characters) {
        return text -> {
            Spans spans = new Spans();
            int last = 0;
            for (int i = 0; i < text.length(); i++) {
                if (characters.test(text.at(i))) {
                    if (last < i) {
                        spans.add(last, i, false);
                    }
                    spans.add(i, i + 1, true);
                    last = i + 1;
                }
            }
            return closed(spans, last, text.length());
        };
    }

    /** Matches of a regular expression. */
    static TextPattern regex(Regex regex) {
        return text -> {
            Spans spans = new Spans();
            int[] last = {0};
            regex.findAll(text.chars, text.from, text.to, text.budget, (start, end) -> {
                if (last[0] < start) {
                    spans.add(last[0], start, false);
                }
                spans.add(start, end, true);
                last[0] = end;
            });
            return closed(spans, last[0], text.length());
        };
    }

    private static Spans closed(Spans spans, int last, int length) {
        if (last < length || spans.size() == 0) {
            spans.add(last, length, false);
        }
        return spans;
    }
}
