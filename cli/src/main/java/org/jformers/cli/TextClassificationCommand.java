package org.jformers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Label;
import org.jformers.pipeline.ScoreFunction;
import org.jformers.pipeline.TextClassification;
import org.jformers.pipeline.TextOptions;
import org.jformers.text.tokenizer.TextInput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jformers run text-classification}: labels of texts and of pairs of texts. */
@Command(
        name = "text-classification",
        description = "Say which label a text has, one line per text.",
        footer = "%nOptions of a call as JSON: top_k (null for all), function_to_apply, truncation, max_length,"
                + " padding, add_special_tokens; inputs may be a pair: {\"text\": ..., \"text_pair\": ...}.")
final class TextClassificationCommand implements Callable<Integer> {
    private static final String TOP_K = "top_k";
    private static final String FUNCTION = "function_to_apply";

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--top-k", paramLabel = "N|all", description = "How many labels to show; by default the best one.")
    private String topK;

    @Option(
            names = "--function-to-apply",
            description = "What is made of the scores: ${COMPLETION-CANDIDATES}; by default what fits the model.")
    private ScoreFunction function;

    @Option(names = "--truncation", description = "Cut texts that are longer than the model takes.")
    private boolean truncation;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        if (topK != null) {
            flags.set(TOP_K, topK());
        }
        if (function != null) {
            flags.put(FUNCTION, function.name());
        }
        if (truncation) {
            flags.put("truncation", true);
        }
        return options.run(spec, flags, Run::new);
    }

    private JsonNode topK() {
        if (topK.equalsIgnoreCase("all")) {
            return CallFields.empty().nullNode();
        }
        if (!topK.matches("[0-9]{1,9}")) {
            throw new ParameterException(
                    spec.commandLine(), "--top-k: got " + topK + ", allowed a number of labels, or all");
        }
        return CallFields.empty().numberNode(Integer.parseInt(topK));
    }

    /**
     * A call.
     *
     * @param pair whether its inputs are an object
     * @param shown whether it says how many labels are returned, and so gets a list
     * @param topK how many labels are returned; empty for all
     */
    private record Call(TextInput input, boolean pair, boolean shown, OptionalInt topK, Options options) {}

    private record Options(Optional<ScoreFunction> function, TextOptions text) {}

    private record Run(TextClassification pipeline) implements RunTask<Call, List<Label>> {
        Run(Path folder, LoadRequest request) {
            this(TextClassification.load(folder, request));
        }

        @Override
        public Call read(CallFields fields) {
            JsonNode inputs = fields.inputs();
            boolean shown = fields.has(TOP_K);
            return new Call(
                    inputs.isObject() ? pair(fields) : TextInput.of(fields.inputText()), inputs.isObject(), shown,
                    shown ? fields.count(TOP_K, 0) : OptionalInt.of(1),
                    new Options(fields.oneOf(FUNCTION, ScoreFunction.class), fields.textOptions()));
        }

        private static TextInput pair(CallFields fields) {
            CallFields texts = fields.within("inputs");
            TextInput input = new TextInput(
                    texts.requireText("text"),
                    texts.find("text_pair").map(text -> texts.text("text_pair", text)));
            texts.requireNothingElse();
            return input;
        }

        @Override
        public Object options(Call call) {
            return call.options();
        }

        @Override
        public List<List<Label>> answer(List<Call> calls) {
            Options options = calls.get(0).options();
            return pipeline.classify(
                    calls.stream().map(Call::input).toList(), options.text(),
                    options.function().orElse(pipeline.function()));
        }

        /** Without top_k the best label: by itself for an object, in a list for a text. */
        @Override
        public Object json(Call call, List<Label> labels) {
            List<Label> shown = shown(call, labels);
            return call.pair() && !call.shown() ? shown.get(0) : shown;
        }

        private static List<Label> shown(Call call, List<Label> labels) {
            return labels.subList(0, Math.min(labels.size(), call.topK().orElse(labels.size())));
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
