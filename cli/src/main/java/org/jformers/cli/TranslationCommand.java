package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run translation}: translations of texts. */
@Command(
        name = "translation",
        description = "Translate each text.",
        footer = "%nOptions of a call as JSON: src_lang, tgt_lang, return_tensors,"
                + " clean_up_tokenization_spaces, truncation, stop_sequence, seed, and all settings of"
                + " generation_config.json.")
final class TranslationCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Mixin
    private GenerationFlags generation;

    @Option(names = "--truncation", description = "Cut texts that are longer than the model takes.")
    private boolean truncation;

    @Option(
            names = "--src-lang",
            paramLabel = "CODE",
            description = "The language of the texts, as the model calls it: en_XX for mBART, en for T5.")
    private String from;

    @Option(names = "--tgt-lang", paramLabel = "CODE", description = "The language to translate into.")
    private String to;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        generation.addTo(flags);
        if (truncation) {
            flags.put("truncation", true);
        }
        if (from != null) {
            flags.put(Text2TextRun.FROM, from);
        }
        if (to != null) {
            flags.put(Text2TextRun.TO, to);
        }
        return options.run(spec, flags, Text2TextRun::translations);
    }
}
