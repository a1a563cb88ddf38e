package org.jformers.text.chat;

import java.util.BitSet;
import java.util.List;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Segment;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * A conversation as text.
 *
 * @param segments the text in pieces: what the template wrote, and what stems from the conversation
 * @param generated where the text is what the assistant said, if the template marks it with {@code generation}
 */
public record Rendering(List<Segment> segments, List<Span> generated) {

    /**
     * A stretch of a text.
     *
     * @param start where it begins, in Java characters
     * @param end where it ends
     */
    public record Span(int start, int end) {}

    /** Copies the lists. */
    public Rendering {
        segments = List.copyOf(segments);
        generated = List.copyOf(generated);
    }

    /** The whole text. */
    public String text() {
        StringBuilder text = new StringBuilder();
        segments.forEach(segment -> text.append(segment.text()));
        return text.toString();
    }

    /**
     * Encodes the text. Added tokens, such as special ones, are found only where the template wrote them; elsewhere
     * their text is text. Nothing is added around: templates write the beginning token themselves.
     *
     * @throws org.jformers.text.tokenizer.TokenizerException if this kind of tokenizer cannot tell text from tokens
     */
    public Encoding encode(Tokenizer tokenizer) {
        return tokenizer.encodeSegments(segments);
    }

    /** Which tokens of an encoding of this text are what the assistant said: 1 there, 0 elsewhere. */
    public int[] assistantMask(Encoding encoding) {
        String text = text();
        BitSet said = new BitSet();
        for (Span span : generated) {
            // The mark is counted within a macro as if the macro were not; it may then reach beyond the text.
            int end = Math.min(span.end, text.length());
            int start = Math.min(span.start, end);
            said.set(text.codePointCount(0, start), text.codePointCount(0, end));
        }
        int[] mask = new int[encoding.length()];
        for (int i = 0; i < mask.length; i++) {
            int first = said.nextSetBit(encoding.starts()[i]);
            mask[i] = first >= 0 && first < encoding.ends()[i] ? 1 : 0;
        }
        return mask;
    }
}
