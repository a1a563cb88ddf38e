package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import picocli.CommandLine.Option;

/** How a task that writes chooses tokens, by the names that calls have; any other by {@code --option}. */
final class GenerationFlags {
    @Option(names = "--max-new-tokens", paramLabel = "N", description = "Most tokens to write; by default 256.")
    private Integer maxNewTokens;

    @Option(names = "--num-beams", paramLabel = "N", description = "Beams of the search; 1 for none.")
    private Integer numBeams;

    @Option(
            names = "--do-sample",
            negatable = true,
            description = "Draw tokens at random, or take the best; by default as the task and the model have it.")
    private Boolean doSample;

    @Option(names = "--temperature", paramLabel = "X", description = "Below 1 safer, above 1 bolder, where drawn.")
    private Double temperature;

    @Option(names = "--num-return-sequences", paramLabel = "N", description = "How many results for each text.")
    private Integer numReturnSequences;

    @Option(names = "--seed", paramLabel = "N", description = "Where random draws start, for each text anew.")
    private Long seed;

    /** Adds what is said to the options of all calls. */
    void addTo(ObjectNode flags) {
        put(flags, "max_new_tokens", maxNewTokens);
        put(flags, "num_beams", numBeams);
        put(flags, "do_sample", doSample);
        put(flags, "temperature", temperature);
        put(flags, "num_return_sequences", numReturnSequences);
        put(flags, "seed", seed);
    }

    private static void put(ObjectNode flags, String name, Object value) {
        if (value != null) {
            flags.set(name, Json.tree(value));
        }
    }
}
