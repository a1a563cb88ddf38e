package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jformers.JformersException;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.FeatureExtraction;
import org.jformers.pipeline.Features;
import org.jformers.pipeline.TextOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run feature-extraction}: the hidden states of a text. */
@Command(
        name = "feature-extraction",
        description = "Print the last hidden state of a model's body: a line for each token with its numbers, and a"
                + " blank line behind each text.",
        footer = "%nOptions of a call as JSON: truncation, tokenize_kwargs with truncation, max_length, padding,"
                + " add_special_tokens.")
final class FeatureExtractionCommand implements Callable<Integer> {
    private static final String TRUNCATION = "truncation";

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
            flags.put(TRUNCATION, true);
        }
        return options.run(spec, flags, Run::new);
    }

    private record Call(String text, TextOptions options) {}

    private record Run(FeatureExtraction pipeline) implements RunTask<Call, Features> {
        Run(Path folder, LoadRequest request) {
            this(FeatureExtraction.load(folder, request));
        }

        @Override
        public Call read(CallFields fields) {
            if (fields.flag("return_tensors", false)) {
                throw new JformersException("return_tensors: got true, allowed false, for JSON has no tensors");
            }
            CallFields tokenizer = fields.within("tokenize_kwargs");
            fields.find(TRUNCATION).ifPresent(value -> tokenizer.add(TRUNCATION, value));
            TextOptions options = tokenizer.textOptions();
            tokenizer.requireNothingElse();
            return new Call(fields.inputText(), options);
        }

        @Override
        public Object options(Call call) {
            return call.options();
        }

        @Override
        public List<Features> answer(List<Call> calls) {
            return pipeline.extract(calls.stream().map(Call::text).toList(), calls.get(0).options());
        }

        @Override
        public Object json(Call call, Features features) {
            return new float[][][] {features.vectors()};
        }

        @Override
        public List<String> lines(Call call, Features features) {
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < features.vectors().length; i++) {
                StringBuilder line = new StringBuilder(Json.print(features.tokens().get(i)));
                for (float value : features.vectors()[i]) {
                    line.append(String.format(Locale.ROOT, "\t%.4f", value));
                }
                lines.add(line.toString());
            }
            lines.add("");
            return lines;
        }

        @Override
        public void close() {
            pipeline.close();
        }
    }
}
