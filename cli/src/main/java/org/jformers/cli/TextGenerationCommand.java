package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run text-generation}: texts and conversations go on. */
@Command(
        name = "text-generation",
        description = "Continue texts, one after another, or, with --json, conversations.",
        footer = "%nA call as JSON: inputs is a text, or a list of messages with role and content. Options:"
                + " return_full_text, return_tensors, prefix, clean_up_tokenization_spaces, skip_special_tokens,"
                + " continue_final_message, handle_long_generation, stop_sequence, truncation, max_length, padding,"
                + " add_special_tokens, tokenizer_encode_kwargs, seed, and all settings of generation_config.json.")
final class TextGenerationCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Mixin
    private GenerationFlags generation;

    @Option(
            names = "--return-full-text",
            negatable = true,
            description = "Print the text with what was written behind it, or that alone; by default both.")
    private Boolean fullText;

    @Option(names = "--prefix", paramLabel = "TEXT", description = "Put before each text, and not printed.")
    private String prefix;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        generation.addTo(flags);
        if (fullText != null) {
            flags.put(TextGenerationRun.FULL, fullText);
        }
        if (prefix != null) {
            flags.put(TextGenerationRun.PREFIX, prefix);
        }
        return options.run(spec, flags, TextGenerationRun::new);
    }
}
