package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.ImageFeatureExtraction;
import org.jformers.vision.ImageFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers run image-feature-extraction}: the hidden states of images. */
@Command(
        name = "image-feature-extraction",
        description = "Print the last hidden state of a model's body for images: a line of numbers for each patch, and"
                + " a blank line behind each image; or one vector for each. The texts are paths of files.",
        footer = "%nOptions of a call as JSON: pool; inputs is the path of a file.")
final class ImageFeatureExtractionCommand implements Callable<Integer> {
    private static final String POOL = "pool";

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    @Option(names = "--pool", description = "One vector for each image, as the model's pooler makes it.")
    private boolean pool;

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        if (pool) {
            flags.put(POOL, true);
        }
        return options.run(spec, flags, Run::new);
    }

    private record Call(Path file, boolean pool) {}

    private record Run(ImageFeatureExtraction pipeline) implements RunTask<Call, float[][]> {
        Run(Path folder, LoadRequest request) {
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
        public Object options(Call call) {
            return call.pool();
        }

        @Override
        public List<float[][]> answer(List<Call> calls) {
            List<BufferedImage> images = calls.stream().map(call -> ImageFile.read(call.file())).toList();
            return calls.get(0).pool()
                    ? pipeline.pooled(images).stream().map(vector -> new float[][] {vector}).toList()
                    : pipeline.extract(images);
        }

        /** As the reference has it: a batch of one image. */
        @Override
        public Object json(Call call, float[][] vectors) {
            return call.pool() ? vectors : new float[][][] {vectors};
        }

        @Override
        public List<String> lines(Call call, float[][] vectors) {
            List<String> lines = new ArrayList<>(Arrays.stream(vectors).map(Run::line).toList());
            if (!call.pool()) {
                lines.add("");
            }
            return lines;
        }

        private static String line(float[] vector) {
            return IntStream.range(0, vector.length)
                    .mapToObj(i -> String.format(Locale.ROOT, "%.6g", vector[i]))
                    .collect(Collectors.joining("\t"));
        }

        @Override
        public void close() {
            pipeline.close();
        }
    }
}
