package org.jformers.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jformers.JformersException;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.NamedSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tokens are chosen; what is not said comes from the model folder's generation_config.json. */
final class SearchOptions {
    private static final Set<String> OF_DRAWING = Set.of("temperature", "top_k", "top_p", "min_p", "top_h", "typical_p",
            "epsilon_cutoff", "eta_cutoff");

    @Option(names = "--max-new-tokens", paramLabel = "N", description = "Most tokens to write.")
    private @Nullable Integer maxNewTokens;

    @Option(names = "--beams", paramLabel = "N", description = "Beams of the search; 1 for none.")
    private @Nullable Integer beams;

    @Option(names = "--length-penalty", paramLabel = "X", description = "Exponent of the length in beam scores.")
    private @Nullable Double lengthPenalty;

    @Option(
            names = "--sample",
            negatable = true,
            description =
                    "Draw tokens at random instead of taking the best; without either, as the model's settings say.")
    private @Nullable Boolean sample;

    @Option(names = "--temperature", paramLabel = "X", description = "Below 1 safer, above 1 bolder; with --sample.")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "N", description = "Draw among the N best tokens; with --sample.")
    private @Nullable Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "X",
            description = "Draw among the best tokens of this mass; with --sample.")
    private @Nullable Double topP;

    @Option(names = "--repetition-penalty", paramLabel = "X", description = "Above 1: avoid tokens written before.")
    private @Nullable Double repetitionPenalty;

    @Option(names = "--sequences", paramLabel = "N", description = "How many results; needs --sample or as many beams.")
    private @Nullable Integer sequences;

    @Option(
            names = "--set",
            paramLabel = "NAME=VALUE",
            converter = Assignment.Reader.class,
            description = "Any setting of generation_config.json, such as min_p=0.1 or guidance_scale=1.5; the value is"
                    + " JSON or a text; may be repeated.")
    private List<Assignment> assignments = List.of();

    @Option(names = "--seed", paramLabel = "N", description = "Where random draws start.")
    private @Nullable Long seed;

    /** The model's settings with those of the command line. */
    GenerationConfig applyTo(GenerationConfig config) {
        Map<String, Object> said = new LinkedHashMap<>();
        said.put("max_new_tokens", maxNewTokens);
        said.put("num_beams", beams);
        said.put("length_penalty", lengthPenalty);
        said.put("do_sample", sample);
        said.put("temperature", temperature);
        said.put("top_k", topK);
        said.put("top_p", topP);
        said.put("repetition_penalty", repetitionPenalty);
        said.put("num_return_sequences", sequences);
        said.values().removeIf(Objects::isNull);
        for (Assignment assignment : assignments) {
            if (!NamedSettings.names().contains(assignment.path())) {
                throw new JformersException("--set: got " + assignment.path() + ", allowed "
                        + String.join(", ", NamedSettings.names()));
            }
            if (said.put(assignment.path(), Json.valueOf(assignment.value())) != null) {
                throw new JformersException("--set: got " + assignment.path() + " twice, allowed once, here or as an"
                        + " option");
            }
        }
        GenerationConfig settings = NamedSettings.change(config, said);
        if (!settings.doSample()) {
            requireNone("--temperature", temperature, "--sample, for the best token is taken");
            requireNone("--top-k", topK, "--sample, for the best token is taken");
            requireNone("--top-p", topP, "--sample, for the best token is taken");
            for (Assignment assignment : assignments) {
                if (OF_DRAWING.contains(assignment.path())) {
                    requireNone("--set " + assignment.path(), assignment.value(),
                            "--sample, for the best token is taken");
                }
            }
        }
        if (settings.numBeams() == 1) {
            requireNone("--length-penalty", lengthPenalty, "--beams of 2 at least");
        }
        return settings;
    }

    /** What has no effect is no quiet wish. */
    private static void requireNone(String option, @Nullable Object value, String with) {
        if (value != null) {
            throw new JformersException(option + ": got " + value + ", which has no effect here, allowed with " + with);
        }
    }

    /** The seed, if there is one. */
    Controls controls() {
        return seed == null ? Controls.NONE : Controls.NONE.withSeed(seed);
    }
}
