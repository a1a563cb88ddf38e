package org.jformers.cli;

import org.jformers.JformersException;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import picocli.CommandLine.Option;

/** How tokens are chosen; what is not said comes from the model folder's generation_config.json. */
final class SearchOptions {

    @Option(names = "--max-new-tokens", paramLabel = "N", description = "Most tokens to write.")
    private Integer maxNewTokens;

    @Option(names = "--beams", paramLabel = "N", description = "Beams of the search; 1 for none.")
    private Integer beams;

    @Option(names = "--length-penalty", paramLabel = "X", description = "Exponent of the length in beam scores.")
    private Double lengthPenalty;

    @Option(
            names = "--sample",
            negatable = true,
            description =
                    "Draw tokens at random instead of taking the best; without either, as the model's settings say.")
    private Boolean sample;

    @Option(names = "--temperature", paramLabel = "X", description = "Below 1 safer, above 1 bolder; with --sample.")
    private Double temperature;

    @Option(names = "--top-k", paramLabel = "N", description = "Draw among the N best tokens; with --sample.")
    private Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "Draw among the best tokens of this mass; with --sample.")
    private Double topP;

    @Option(names = "--repetition-penalty", paramLabel = "X", description = "Above 1: avoid tokens written before.")
    private Double repetitionPenalty;

    @Option(names = "--sequences", paramLabel = "N", description = "How many results; needs --sample or as many beams.")
    private Integer sequences;

    @Option(names = "--seed", paramLabel = "N", description = "Where random draws start.")
    private Long seed;

    /** The model's settings with those of the command line. */
    GenerationConfig applyTo(GenerationConfig config) {
        GenerationConfig.Builder changed = config.with();
        if (maxNewTokens != null) {
            changed.maxNewTokens(maxNewTokens);
        }
        if (beams != null) {
            changed.numBeams(beams);
        }
        if (lengthPenalty != null) {
            changed.lengthPenalty(lengthPenalty);
        }
        if (sample != null) {
            changed.doSample(sample);
        }
        if (temperature != null) {
            changed.temperature(temperature);
        }
        if (topK != null) {
            changed.topK(topK);
        }
        if (topP != null) {
            changed.topP(topP);
        }
        if (repetitionPenalty != null) {
            changed.repetitionPenalty(repetitionPenalty);
        }
        if (sequences != null) {
            changed.numReturnSequences(sequences);
        }
        GenerationConfig settings = changed.build();
        if (!settings.doSample()) {
            requireNone("--temperature", temperature, "--sample, for the best token is taken");
            requireNone("--top-k", topK, "--sample, for the best token is taken");
            requireNone("--top-p", topP, "--sample, for the best token is taken");
        }
        if (settings.numBeams() == 1) {
            requireNone("--length-penalty", lengthPenalty, "--beams of 2 at least");
        }
        return settings;
    }

    /** What has no effect is no quiet wish. */
    private static void requireNone(String option, Number value, String with) {
        if (value != null) {
            throw new JformersException(option + ": got " + value + ", which has no effect here, allowed with " + with);
        }
    }

    /** The seed, if there is one. */
    Controls controls() {
        return seed == null ? Controls.NONE : Controls.NONE.withSeed(seed);
    }
}
