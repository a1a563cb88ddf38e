package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.ImageClassification;
import org.jformers.pipeline.Label;
import org.jformers.pipeline.ScoreFunction;
import org.jformers.vision.ImageFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run image-classification}: labels of images. */
@Command(
        name = "image-classification",
        description = "Say what images show, one line per file; the texts are paths of files.",
        footer = "%nOptions of a call as JSON: top_k (5), function_to_apply; inputs is the path of a file.")
final class ImageClassificationCommand implements Callable<Integer> {
    private static final String TOP_K = "top_k";
    private static final String FUNCTION = "function_to_apply";
    private static final int MOST = 5;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--top-k", paramLabel = "N", description = "How many labels to show; by default 5.")
    private Integer topK;

    @Option(
            names = "--function-to-apply",
            description = "What is made of the scores: ${COMPLETION-CANDIDATES}; by default what fits the model.")
    private ScoreFunction function;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        if (topK != null) {
            flags.put(TOP_K, topK);
        }
        if (function != null) {
            flags.put(FUNCTION, function.name());
        }
        return options.run(spec, flags, Run::new);
    }

    private record Call(Path file, int topK, Optional<ScoreFunction> function) {}

    private record Run(ImageClassification pipeline) implements RunTask<Call, List<Label>> {
        Run(Path folder, LoadRequest request) {
            this(ImageClassification.load(folder, request));
        }

        @Override
        public Call read(CallFields fields) {
            return new Call(fields.inputFile(), fields.count(TOP_K, 1).orElse(MOST),
                    fields.oneOf(FUNCTION, ScoreFunction.class));
        }

        @Override
        public Object options(Call call) {
            return call.function();
        }

        @Override
        public List<List<Label>> answer(List<Call> calls) {
            return pipeline.classify(calls.stream().map(call -> ImageFile.read(call.file())).toList(),
                    calls.get(0).function().orElse(pipeline.function()));
        }

        @Override
        public Object json(Call call, List<Label> labels) {
            return shown(call, labels);
        }

        private static List<Label> shown(Call call, List<Label> labels) {
            return labels.subList(0, Math.min(labels.size(), call.topK()));
        }

        @Override
        public List<String> lines(Call call, List<Label> labels) {
            return List.of(shown(call, labels).stream()
                    .map(label -> String.format(Locale.ROOT, "%s\t%.4f", label.label(), label.score()))
                    .collect(Collectors.joining("\t")));
        }

        @Override
        public void close() {
            pipeline.close();
        }
    }
}
