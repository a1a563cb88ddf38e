package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Embeddings;
import org.jformers.pipeline.TextOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run embeddings}: a vector for a text. */
@Command(
        name = "embeddings",
        description = "Print one vector for each text, as the folder's modules.json says, or the mean of its tokens.",
        footer = "%nOptions of a call as JSON: truncation, max_length, padding, add_special_tokens.")
final class EmbeddingsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--truncation", description = "Cut texts that are longer than the model takes.")
    private boolean truncation;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        if (truncation) {
            flags.put("truncation", true);
        }
        return options.run(spec, flags, Run::new);
    }

    private record Call(String text, TextOptions options) {}

    private record Run(Embeddings pipeline) implements RunTask<Call, float[]> {
        Run(Path folder, LoadRequest request) {
            this(Embeddings.load(folder, request));
        }

        @Override
        public Call read(CallFields fields) {
            return new Call(fields.inputText(), fields.textOptions());
        }

        @Override
        public Object options(Call call) {
            return call.options();
        }

        @Override
        public List<float[]> answer(List<Call> calls) {
            return pipeline.embed(calls.stream().map(Call::text).toList(), calls.get(0).options());
        }

        @Override
        public Object json(Call call, float[] vector) {
            return vector;
        }

        @Override
        public List<String> lines(Call call, float[] vector) {
            return List.of(IntStream.range(0, vector.length)
                    .mapToObj(i -> String.format(Locale.ROOT, "%.6f", vector[i]))
                    .collect(Collectors.joining("\t")));
        }

        @Override
        public void close() {
            pipeline.close();
        }
    }
}
