package org.jformers.text.tokenizer;

import java.util.List;

/**
 * What a model heard, frame by frame, as text: a run of one token is one, and padding, which parts runs, goes
 * (connectionist temporal classification; Graves et al., 2006).
 *
 * @param text all of it
 * @param characters the tokens in their order, word delimiters as they are written in the text
 * @param words what is between word delimiters
 */
public record CtcTranscript(String text, List<Stretch> characters, List<Stretch> words) {
    public CtcTranscript {
        characters = List.copyOf(characters);
        words = List.copyOf(words);
    }

    /**
     * A part of the text, spelled as the vocabulary does, and the frames in which it was heard.
     *
     * @param text the part
     * @param start its first frame
     * @param end the frame behind its last one
     */
    public record Stretch(String text, int start, int end) {
        Stretch with(Stretch next) {
            return new Stretch(text + next.text, start, next.end);
        }
    }
}
