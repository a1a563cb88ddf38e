package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Label;
import org.jformers.pipeline.TextOptions;
import org.jformers.pipeline.ZeroShotImageClassification;
import org.jformers.pipeline.ZeroShotImageClassification.Options;
import org.jformers.vision.ImageFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run zero-shot-image-classification}: which of any labels images have. */
@Command(
        name = "zero-shot-image-classification",
        description = "Say which of any labels images have, one line per file; the texts are paths of files.",
        footer = "%nOptions of a call as JSON: candidate_labels (a list, or a text with commas), hypothesis_template,"
                + " tokenizer_kwargs with truncation, max_length, padding, add_special_tokens; inputs is the path of a"
                + " file.")
final class ZeroShotImageClassificationCommand implements Callable<Integer> {
    private static final String TEMPLATE = "hypothesis_template";

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--candidate-labels", paramLabel = "LABELS", description = "The labels, with commas between them.")
    private String labels;

    @Option(
            names = "--hypothesis-template",
            paramLabel = "TEXT",
            description = "What is said of an image, with {} where the label goes; by default \"" + Options.TEMPLATE
                    + "\"")
    private String template;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        if (labels != null) {
            flags.put(CallFields.LABELS, labels);
        }
        if (template != null) {
            flags.put(TEMPLATE, template);
        }
        return options.run(spec, flags, Run::new);
    }

    private record Call(Path file, Options options) {}

    private record Run(ZeroShotImageClassification pipeline) implements RunTask<Call, List<Label>> {
        Run(Path folder, LoadRequest request) {
            this(ZeroShotImageClassification.load(folder, request));
        }

        @Override
        public Call read(CallFields fields) {
            CallFields tokenizer = fields.within("tokenizer_kwargs");
            TextOptions text = tokenizer.textOptions();
            tokenizer.requireNothingElse();
            return new Call(fields.inputFile(), new Options(
                    fields.candidateLabels(),
                    fields.find(TEMPLATE).map(said -> fields.text(TEMPLATE, said)).orElse(Options.TEMPLATE),
                    text));
        }

        @Override
        public Object options(Call call) {
            return call.options();
        }

        @Override
        public List<List<Label>> answer(List<Call> calls) {
            return pipeline.classify(
                    calls.stream().map(call -> ImageFile.read(call.file())).toList(), calls.get(0).options());
        }

        @Override
        public Object json(Call call, List<Label> labels) {
            return labels;
        }

        @Override
        public List<String> lines(Call call, List<Label> labels) {
            return List.of(labels.stream()
                    .map(label -> String.format(Locale.ROOT, "%s\t%.4f", label.label(), label.score()))
                    .collect(Collectors.joining("\t")));
        }

        @Override
        public void close() {
            pipeline.close();
        }
    }
}
