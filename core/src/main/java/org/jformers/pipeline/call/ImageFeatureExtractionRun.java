package org.jformers.pipeline.call;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jformers.JformersException;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.ImageFeatureExtraction;
import org.jformers.vision.ImageFile;

/** The hidden states of images. */
record ImageFeatureExtractionRun(ImageFeatureExtraction pipeline)
        implements CalledTask<ImageFeatureExtractionRun.Call, float[][]> {
    private static final String POOL = "pool";

    /** @param options whether it asks for one vector */
    record Call(Path file, Boolean options) implements CalledTask.Call {}

    ImageFeatureExtractionRun(Path folder, LoadRequest request) {
        this(ImageFeatureExtraction.load(folder, request));
    }

    @Override
    public Call read(CallFields fields) {
        if (fields.flag("return_tensors", false)) {
            throw new JformersException("return_tensors: got true, allowed false, for JSON has no tensors");
        }
        return new Call(fields.inputFile(), fields.flag(POOL, false));
    }

    @Override
    public List<float[][]> answer(List<Call> calls) {
        List<BufferedImage> images = calls.stream().map(call -> ImageFile.read(call.file())).toList();
        return calls.get(0).options()
                ? pipeline.pooled(images).stream().map(vector -> new float[][] {vector}).toList()
                : pipeline.extract(images);
    }

    /** As the reference has it: a batch of one image. */
    @Override
    public Object json(Call call, float[][] vectors) {
        return call.options() ? vectors : new float[][][] {vectors};
    }

    @Override
    public List<String> lines(Call call, float[][] vectors) {
        List<String> lines = new ArrayList<>(
                Arrays.stream(vectors).map(vector -> ResultLines.of(vector, "%.6g")).toList());
        if (!call.options()) {
            lines.add("");
        }
        return lines;
    }
}
