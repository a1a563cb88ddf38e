package org.jformers.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jformers.JformersException;

/**
 * A text with a place for a label, as Python's {@code format} reads it: {@code {}} once, or {@code {0}} any number of
 * times; {@code {{} and {@code }}} stand for braces.
 */
final class HypothesisTemplate {
    private static final Pattern PART = Pattern.compile("\\{\\{|\\}\\}|\\{0?\\}|[{}]");

    private final String text;
    /** What stands before, between and behind the places of the label. */
    private final List<String> pieces = new ArrayList<>();

    HypothesisTemplate(String text) {
        this.text = text;
        StringBuilder piece = new StringBuilder();
        Matcher parts = PART.matcher(text);
        int from = 0;
        int unnumbered = 0;
        for (; parts.find(); from = parts.end()) {
            piece.append(text, from, parts.start());
            switch (parts.group()) {
                case "{{" -> piece.append('{');
                case "}}" -> piece.append('}');
                case "{}", "{0}" -> {
                    unnumbered += parts.group().equals("{}") ? 1 : 0;
                    pieces.add(piece.toString());
                    piece.setLength(0);
                }
                default -> throw refused();
            }
        }
        pieces.add(piece.append(text.substring(from)).toString());
        if (pieces.size() == 1 || unnumbered > 0 && pieces.size() > 2) {
            throw refused();
        }
    }

    /** The text with a label in its place. */
    String with(String label) {
        return String.join(label, pieces);
    }

    private JformersException refused() {
        return new JformersException("hypothesis_template: got \"" + text
                + "\", allowed a text with {} where the label goes, such as \"This example is {}.\"");
    }
}
