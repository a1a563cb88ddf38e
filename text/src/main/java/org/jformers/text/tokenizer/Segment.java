package org.jformers.text.tokenizer;

import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A piece of a text of which is known who wrote it.
 *
 * @param text the piece
 * @param origin who wrote it
 */
public record Segment(String text, Origin origin) {

    /** Who wrote a text. */
    public enum Origin {
        /** The program or a template of the model: its text may hold tokens such as special ones. */
        TEMPLATE,
        /** Somebody else: its text is nothing but text. */
        DATA
    }

    /** The pieces as one text. */
    static String text(List<Segment> segments) {
        return segments.stream().map(Segment::text).collect(Collectors.joining());
    }

    /** The code points of the whole text that are data. */
    static BitSet data(List<Segment> segments) {
        String text = text(segments);
        BitSet data = new BitSet();
        int at = 0;
        int point = 0;
        int end = 0;
        for (Segment segment : segments) {
            end += segment.text.length();
            for (; at < end; at += Character.charCount(text.codePointAt(at))) {
                data.set(point++, segment.origin == Origin.DATA);
            }
        }
        return data;
    }
}
