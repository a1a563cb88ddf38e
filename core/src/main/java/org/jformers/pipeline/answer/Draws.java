package org.jformers.pipeline.answer;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jformers.generation.GenerationConfig;

/**
 * How a request wants tokens drawn. Where it says nothing, the model's folder counts if it draws tokens; otherwise
 * they are drawn at temperature 1 from all, as OpenAI does.
 *
 * @param temperature 0 for the likeliest token
 * @param topP the likeliest tokens that have this much of the probability together, in [0, 1]
 * @param topK so many likeliest tokens, 0 for all
 * @param minP tokens at least so likely relative to the likeliest, in [0, 1]
 */
public record Draws(OptionalDouble temperature, OptionalDouble topP, OptionalInt topK, OptionalDouble minP) {

    /** The settings of a folder with these, for one sequence without beams and stop strings. */
    public GenerationConfig.Builder on(GenerationConfig folder) {
        boolean draws = folder.doSample();
        double heat = temperature.orElse(draws ? folder.temperature() : 1);
        GenerationConfig.Builder settings = folder.with()
                .numBeams(1)
                .numReturnSequences(1)
                .doSample(heat > 0)
                .topP(topP.orElse(draws ? folder.topP() : 1))
                .topK(topK.orElse(draws ? folder.topK() : 0))
                .minP(minP.orElse(draws ? folder.minP() : 0))
                .stopStrings();
        return heat > 0 ? settings.temperature(heat) : settings;
    }
}
