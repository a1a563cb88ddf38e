package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run summarization}: summaries of texts. */
@Command(
        name = "summarization",
        description = "Write a summary of each text.",
        footer = "%nOptions of a call as JSON: return_tensors,"
                + " clean_up_tokenization_spaces, truncation, stop_sequence, seed, and all settings of"
                + " generation_config.json.")
final class SummarizationCommand implements Callable<Integer> {
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
        return options.run(spec, flags, Text2TextRun::summaries);
    }
}
