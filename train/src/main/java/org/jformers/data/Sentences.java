package org.jformers.data;

import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** How a text is cut into sentences; blank ones are left out. */
public enum Sentences {
    /** By the marks at their ends, wherever lines end: as the JDK's {@link BreakIterator} finds them. */
    MARKS {
        @Override
        public List<String> of(String text) {
            BreakIterator ends = BreakIterator.getSentenceInstance(Locale.ROOT);
            ends.setText(text);
            List<String> sentences = new ArrayList<>();
            int start = ends.first();
            for (int end = ends.next(); end != BreakIterator.DONE; end = ends.next()) {
                sentences.add(text.substring(start, end));
                start = end;
            }
            return kept(sentences.stream());
        }
    },
    /** Each line is one. */
    LINES {
        @Override
        public List<String> of(String text) {
            return kept(text.lines());
        }
    };

    /** The sentences of a text in their order. */
    public abstract List<String> of(String text);

    private static List<String> kept(Stream<String> sentences) {
        return sentences.map(String::strip).filter(sentence -> !sentence.isEmpty()).toList();
    }
}
