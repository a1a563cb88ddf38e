package org.jformers.pipeline.call;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;
import org.jformers.audio.WavFile;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.AudioClassification;
import org.jformers.pipeline.ImageClassification;
import org.jformers.pipeline.Label;
import org.jformers.pipeline.Pipeline;
import org.jformers.pipeline.ScoreFunction;
import org.jformers.vision.ImageFile;

/**
 * Labels of images and recordings.
 *
 * @param most how many labels a call gets that does not say
 * @param usual what is made of the scores where a call does not say
 * @param labels labels of files, the most likely first
 */
record FileLabelsRun(
        Pipeline pipeline, int most, ScoreFunction usual,
        BiFunction<List<Path>, ScoreFunction, List<List<Label>>> labels)
        implements CalledTask<FileLabelsRun.Call, List<Label>> {
    private static final int IMAGES = 5;

    record Call(Path file, int topK, ScoreFunction options) implements CalledTask.Call {}

    static FileLabelsRun images(Path folder, LoadRequest request) {
        ImageClassification pipeline = ImageClassification.load(folder, request);
        return new FileLabelsRun(pipeline, IMAGES, pipeline.function(), (files, function) ->
                pipeline.classify(files.stream().map(ImageFile::read).toList(), function));
    }

    static FileLabelsRun sounds(Path folder, LoadRequest request) {
        AudioClassification pipeline = AudioClassification.load(folder, request);
        return new FileLabelsRun(pipeline, Integer.MAX_VALUE, ScoreFunction.SOFTMAX, (files, function) ->
                files.stream().map(file -> pipeline.classify(WavFile.read(file), function)).toList());
    }

    @Override
    public Call read(CallFields fields) {
        return new Call(fields.inputFile(), fields.count("top_k", 1).orElse(most),
                fields.oneOf("function_to_apply", ScoreFunction.class).orElse(usual));
    }

    @Override
    public List<List<Label>> answer(List<Call> calls) {
        return labels.apply(calls.stream().map(Call::file).toList(), calls.get(0).options());
    }

    @Override
    public List<Label> json(Call call, List<Label> result) {
        return result.subList(0, Math.min(result.size(), call.topK()));
    }

    @Override
    public List<String> lines(Call call, List<Label> result) {
        return List.of(ResultLines.of(json(call, result)));
    }
}
