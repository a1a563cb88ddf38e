package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Finds matches in a text: a literal string, a regular expression, or single characters of a class. */
interface TextPattern {

    /** All of the text, cut into matches and what lies between them; never empty. */
    Spans find(Text text);

    /** Reads {@code {"String": ...}} or {@code {"Regex": ...}}. */
    static TextPattern of(JsonNode node) {
        if (node != null && node.path("String").isTextual()) {
            return regex(Pattern.compile(Pattern.quote(node.get("String").textValue())));
        }
        if (node != null && node.path("Regex").isTextual()) {
            return regex(compile(node.get("Regex").textValue()));
        }
        throw new TokenizerException("pattern must be {\"String\": ...} or {\"Regex\": ...}, got " + node);
    }

    /** A regular expression as tokenizer.json has them, with Unicode classes. */
    static Pattern compile(String regex) {
        try {
            return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE);
        } catch (PatternSyntaxException e) {
            throw new TokenizerException(
                    "regular expression not understood: " + e.getDescription() + ", in " + regex, e);
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
    static TextPattern regex(Pattern pattern) {
        return text -> {
            String string = text.toString();
            boolean surrogates = string.length() != text.length();
            Spans spans = new Spans();
            Matcher matcher = pattern.matcher(string);
            int last = 0;
            int lastUnit = 0;
            while (matcher.find()) {
                int start = surrogates ? last + string.codePointCount(lastUnit, matcher.start()) : matcher.start();
                int end = surrogates ? start + string.codePointCount(matcher.start(), matcher.end()) : matcher.end();
                if (last < start) {
                    spans.add(last, start, false);
                }
                spans.add(start, end, true);
                last = end;
                lastUnit = matcher.end();
            }
            return closed(spans, last, text.length());
        };
    }

    private static Spans closed(Spans spans, int last, int length) {
        if (last < length || spans.size() == 0) {
            spans.add(last, length, false);
        }
        return spans;
    }
}
