package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Label;
import org.jformers.pipeline.ZeroShotClassification;
import org.jformers.pipeline.ZeroShotClassification.Options;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run zero-shot-classification}: which of any labels texts have. */
@Command(
        name = "zero-shot-classification",
        description = "Say which of any labels texts have, one line per text, by a model that was trained on"
                + " entailment.",
        footer = "%nOptions of a call as JSON: candidate_labels (a list, or a text with commas), hypothesis_template,"
                + " multi_label.")
final class ZeroShotClassificationCommand implements Callable<Integer> {
    private static final String TEMPLATE = "hypothesis_template";
    private static final String SEVERAL = "multi_label";

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--candidate-labels", paramLabel = "LABELS", description = "The labels, with commas between them.")
    private String labels;

    @Option(
            names = "--hypothesis-template",
            paramLabel = "TEXT",
            description = "What is said of a text, with {} where the label goes; by default \"" + Options.TEMPLATE
                    + "\"")
    private String template;

    @Option(names = "--multi-label", description = "A text may have several labels, or none of them.")
    private boolean several;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        if (labels != null) {
            flags.put(CallFields.LABELS, labels);
        }
        if (template != null) {
            flags.put(TEMPLATE, template);
        }
        if (several) {
            flags.put(SEVERAL, true);
        }
        return options.run(spec, flags, Run::new);
    }

    private record Call(String text, Options options) {}

    private record Run(ZeroShotClassification pipeline) implements RunTask<Call, List<Label>> {
        Run(Path folder, LoadRequest request) {
            this(ZeroShotClassification.load(folder, request));
        }

        @Override
        public Call read(CallFields fields) {
            return new Call(fields.inputText(), new Options(
                    fields.candidateLabels(),
                    fields.find(TEMPLATE).map(text -> fields.text(TEMPLATE, text)).orElse(Options.TEMPLATE),
                    fields.flag(SEVERAL, false)));
        }

        @Override
        public Object options(Call call) {
            return call.options();
        }

        @Override
        public List<List<Label>> answer(List<Call> calls) {
            return pipeline.classify(calls.stream().map(Call::text).toList(), calls.get(0).options());
        }

        @Override
        public Object json(Call call, List<Label> labels) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("sequence", call.text());
            fields.put("labels", labels.stream().map(Label::label).toList());
            fields.put("scores", labels.stream().map(Label::score).toList());
            return fields;
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
