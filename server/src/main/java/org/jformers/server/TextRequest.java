package org.jformers.server;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jformers.generation.GenerationConfig;
import org.jformers.pipeline.answer.AnswerRequest;

/**
 * What is to be written.
 *
 * @param prompts tokens, at least one prompt with at least one token each
 * @param choices answers to each
 * @param config settings for one answer
 * @param penalties taken from tokens that were written: presence, frequency
 * @param seed where draws start; each further answer starts one further
 * @param best how many likeliest tokens are told with each; empty where nothing is to be told
 * @param stops texts that end an answer
 */
record TextRequest(
        List<int[]> prompts, int choices, GenerationConfig config, AnswerRequest.Penalties penalties, OptionalLong seed,
        OptionalInt best, List<String> stops) {

    TextRequest {
        prompts = List.copyOf(prompts);
        stops = List.copyOf(stops);
    }

    /** How many answers there are. */
    int answers() {
        return prompts.size() * choices;
    }
}
