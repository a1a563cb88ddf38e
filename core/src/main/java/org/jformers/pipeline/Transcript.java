package org.jformers.pipeline;

import java.util.List;

/**
 * What was said in a recording.
 *
 * @param text all of it
 * @param chunks its parts with their times or languages; empty where neither is asked for
 */
public record Transcript(String text, List<TimedText> chunks) {
    public Transcript {
        chunks = List.copyOf(chunks);
    }
}
