package org.jformers.pipeline;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadReport;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.vision.ImageFile;
import org.jformers.vision.ImageProcessor;

/** Says what an image shows. Owns its model. */
public final class ImageClassification implements Pipeline {
    /** Tasks whose models say what an image shows. */
    private static final List<Task> TASKS = List.of(Task.IMAGE_CLASSIFICATION);

    private final Model model;
    private final ImageProcessor processor;
    private final List<String> labels;
    private final ScoreFunction function;

    /** Takes a model over; it is closed with this object. */
    public ImageClassification(Model model, ImageProcessor processor) {
        if (model.identity().task() != Task.IMAGE_CLASSIFICATION) {
            throw new ConfigException("image classification: got " + model.identity().architecture()
                    + ", allowed models with a classifier of images");
        }
        this.model = model;
        this.processor = processor;
        labels = model.config().common().labels();
        function = ScoreFunction.of(model.config().common());
    }

    /** Loads a model folder, or the model of an id, with its image processor. */
    public static ImageClassification load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its image processor. */
    public static ImageClassification load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static ImageClassification load(Path folder, LoadRequest request) {
        return FolderModel.of(folder, request.withTasks(TASKS), model ->
                new ImageClassification(model, ImageProcessor.load(folder)));
    }

    /**
     * All labels of an image file, the likeliest first.
     *
     * @throws JformersException if it is no image that can be read
     */
    public List<Label> classify(Path file) {
        return classify(List.of(ImageFile.read(file))).get(0);
    }

    /** All labels of each image, the likeliest first. */
    public List<List<Label>> classify(List<BufferedImage> images) {
        return classify(images, function);
    }

    /** All labels of each image, the best first. */
    public List<List<Label>> classify(List<BufferedImage> images, ScoreFunction scores) {
        float[] logits = Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                return Tensors.toFloats(model.forward(processor.inputs(images)).logits());
            }
        });
        List<List<Label>> classified = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            float[] row = Arrays.copyOfRange(logits, i * labels.size(), (i + 1) * labels.size());
            classified.add(scores.ranked(labels, row));
        }
        return classified;
    }

    /** What is made of the scores unless a call says otherwise. */
    public ScoreFunction function() {
        return function;
    }

    @Override
    public LoadReport report() {
        return model.report();
    }

    @Override
    public void close() {
        model.close();
    }
}
