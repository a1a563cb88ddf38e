package org.jformers.pipeline.call;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Label;
import org.jformers.pipeline.ScoreFunction;
import org.jformers.pipeline.TextClassification;
import org.jformers.pipeline.TextOptions;
import org.jformers.text.tokenizer.TextInput;

/** Labels of texts and of pairs of texts. */
record TextClassificationRun(TextClassification pipeline)
        implements CalledTask<TextClassificationRun.Call, List<Label>> {
    private static final String TOP_K = "top_k";
    private static final String FUNCTION = "function_to_apply";

    /**
     * A call.
     *
     * @param pair whether its inputs are an object
     * @param shown whether it says how many labels are returned, and so gets a list
     * @param topK how many labels are returned; empty for all
     */
    record Call(TextInput input, boolean pair, boolean shown, OptionalInt topK, Options options)
            implements CalledTask.Call {}

    private record Options(Optional<ScoreFunction> function, TextOptions text) {}

    TextClassificationRun(Path folder, LoadRequest request) {
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
        return List.of(ResultLines.of(shown(call, labels)));
    }
}
