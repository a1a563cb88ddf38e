package org.jformers.pipeline.answer;

import java.util.List;
import org.jformers.generation.GenerationConfig;

/**
 * An answer that is to be written.
 *
 * @param index by which its parts are told from those of others
 * @param prompt tokens, at least one
 * @param config settings for one sequence without beams; its own stop strings are not read
 * @param penalties for tokens that were written
 * @param stops texts that end it and are no part of it
 */
public record AnswerRequest(
        int index, int[] prompt, GenerationConfig config, Penalties penalties, List<String> stops) {

    /** Penalties of OpenAI's API; 0 for none. */
    public record Penalties(double presence, double frequency) {
        /** Whether there are none. */
        public boolean none() {
            return presence == 0 && frequency == 0;
        }
    }

    public AnswerRequest {
        stops = List.copyOf(stops);
    }
}
