package org.jformers.pipeline.call;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Label;
import org.jformers.pipeline.Pipeline;
import org.jformers.pipeline.TextOptions;
import org.jformers.pipeline.ZeroShotClassification;
import org.jformers.pipeline.ZeroShotImageClassification;
import org.jformers.vision.ImageFile;

/**
 * Which of any labels texts and images have.
 *
 * @param asked reads what a call asks
 * @param labels labels of inputs that have the same options, the most likely first
 * @param shown a result as JSON
 * @param <I> a text, or the file of an image
 * @param <O> what the pipeline takes beside it
 */
record ZeroShotRun<I, O>(
        Pipeline pipeline, Function<CallFields, Call<I, O>> asked, BiFunction<List<I>, O, List<List<Label>>> labels,
        BiFunction<I, List<Label>, Object> shown) implements CalledTask<ZeroShotRun.Call<I, O>, List<Label>> {
    private static final String TEMPLATE = "hypothesis_template";

    record Call<I, O>(I input, O options) implements CalledTask.Call {}

    static ZeroShotRun<String, ZeroShotClassification.Options> texts(Path folder, LoadRequest request) {
        ZeroShotClassification pipeline = ZeroShotClassification.load(folder, request);
        return new ZeroShotRun<>(
                pipeline,
                fields -> new Call<>(fields.inputText(), new ZeroShotClassification.Options(
                        fields.candidateLabels(), template(fields, ZeroShotClassification.Options.TEMPLATE),
                        fields.flag("multi_label", false))),
                pipeline::classify, ZeroShotRun::json);
    }

    static ZeroShotRun<Path, ZeroShotImageClassification.Options> images(Path folder, LoadRequest request) {
        ZeroShotImageClassification pipeline = ZeroShotImageClassification.load(folder, request);
        return new ZeroShotRun<>(
                pipeline,
                fields -> {
                    CallFields tokenizer = fields.within("tokenizer_kwargs");
                    TextOptions text = tokenizer.textOptions();
                    tokenizer.requireNothingElse();
                    return new Call<>(fields.inputFile(), new ZeroShotImageClassification.Options(
                            fields.candidateLabels(), template(fields, ZeroShotImageClassification.Options.TEMPLATE),
                            text));
                },
                (files, options) -> pipeline.classify(files.stream().map(ImageFile::read).toList(), options),
                (file, labels) -> labels);
    }

    private static String template(CallFields fields, String otherwise) {
        return fields.find(TEMPLATE).map(said -> fields.text(TEMPLATE, said)).orElse(otherwise);
    }

    private static Object json(String text, List<Label> labels) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("sequence", text);
        fields.put("labels", labels.stream().map(Label::label).toList());
        fields.put("scores", labels.stream().map(Label::score).toList());
        return fields;
    }

    @Override
    public Call<I, O> read(CallFields fields) {
        return asked.apply(fields);
    }

    @Override
    public List<List<Label>> answer(List<Call<I, O>> calls) {
        return labels.apply(calls.stream().map(Call::input).toList(), calls.get(0).options());
    }

    @Override
    public Object json(Call<I, O> call, List<Label> result) {
        return shown.apply(call.input(), result);
    }

    @Override
    public List<String> lines(Call<I, O> call, List<Label> result) {
        return List.of(ResultLines.of(result));
    }
}
