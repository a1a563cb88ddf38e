package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run text2text-generation}: what an encoder-decoder writes for texts. */
@Command(
        name = "text2text-generation",
        description = "Write a text for each text with an encoder-decoder.",
        footer = "%nOptions of a call as JSON: return_tensors,"
                + " clean_up_tokenization_spaces, truncation, stop_sequence, seed, and all settings of"
                + " generation_config.json.")
final class Text2TextGenerationCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Mixin
    private GenerationFlags generation;

    @Option(names = "--truncation", description = "Cut texts that are longer than the model takes.")
    private boolean truncation;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        generation.addTo(flags);
        if (truncation) {
            flags.put("truncation", true);
        }
        return options.run(spec, flags, Text2TextRun::any);
    }
}
