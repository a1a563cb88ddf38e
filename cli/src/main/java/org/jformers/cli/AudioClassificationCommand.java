package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jformers.audio.WavFile;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.AudioClassification;
import org.jformers.pipeline.Label;
import org.jformers.pipeline.ScoreFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run audio-classification}: labels of recordings. */
@Command(
        name = "audio-classification",
        description = "Say what is heard in WAV files, one line per file; the texts are paths of files.",
        footer = "%nOptions of a call as JSON: top_k (null for all), function_to_apply; inputs is the path of a"
                + " file.")
final class AudioClassificationCommand implements Callable<Integer> {
    private static final String TOP_K = "top_k";
    private static final String FUNCTION = "function_to_apply";

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--top-k", paramLabel = "N", description = "How many labels to show; by default all.")
    private Integer topK;

    @Option(
            names = "--function-to-apply",
            description = "What is made of the scores: ${COMPLETION-CANDIDATES}; by default SOFTMAX.")
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

    private record Call(Path file, int topK, ScoreFunction function) {}

    private record Run(AudioClassification pipeline) implements RunTask<Call, List<Label>> {
        Run(Path folder, LoadRequest request) {
            this(AudioClassification.load(folder, request));
        }

        @Override
        public Call read(CallFields fields) {
            return new Call(fields.inputFile(), fields.count(TOP_K, 1).orElse(Integer.MAX_VALUE),
                    fields.oneOf(FUNCTION, ScoreFunction.class).orElse(ScoreFunction.SOFTMAX));
        }

        @Override
        public Object options(Call call) {
            return call;
        }

        @Override
        public List<List<Label>> answer(List<Call> calls) {
            return calls.stream().map(call -> pipeline.classify(WavFile.read(call.file()), call.function())).toList();
        }

        @Override
        public Object json(Call call, List<Label> labels) {
            return labels.subList(0, Math.min(labels.size(), call.topK()));
        }

        @Override
        public List<String> lines(Call call, List<Label> labels) {
            return List.of(labels.stream().limit(call.topK())
                    .map(label -> String.format(Locale.ROOT, "%s\t%.4f", label.label(), label.score()))
                    .collect(Collectors.joining("\t")));
        }

        @Override
        public void close() {
            pipeline.close();
        }
    }
}
