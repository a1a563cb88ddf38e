package org.jformers.pipeline;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadMode;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ProblemType;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.vision.ImageFile;
import org.jformers.vision.ImageProcessor;

/** Says what an image shows. Owns its model. */
public final class ImageClassification implements AutoCloseable {
    /** Tasks whose models say what an image shows. */
    private static final LoadRequest TASKS =
            LoadRequest.of(Task.IMAGE_CLASSIFICATION);

    private final Model model;
    private final ImageProcessor processor;
    private final List<String> labels;

    /**
     * A label and how sure the model is.
     *
     * @param label its name in the config
     * @param score its probability, in [0, 1]
     */
    public record Label(String label, double score) {}

    /** Takes a model over; it is closed with this object. */
    public ImageClassification(Model model, ImageProcessor processor) {
        if (model.identity().task() != Task.IMAGE_CLASSIFICATION) {
            throw new ConfigException("image classification: got " + model.identity().architecture()
                    + ", allowed models with a classifier of images");
        }
        this.model = model;
        this.processor = processor;
        labels = model.config().common().labels();
    }

    /** Loads a model folder, or the model of an id, with its image processor. */
    public static ImageClassification load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its image processor. */
    public static ImageClassification load(Path folder) {
        return load(folder, LoadMode.DEFAULT);
    }

    /** The same where some weights may start at random; see {@link LoadMode}. */
    public static ImageClassification load(Path folder, LoadMode mode) {
        ImageProcessor processor = ImageProcessor.load(folder);
        Model model = AutoModel.load(folder, TASKS.withMode(mode)).model();
        try {
            return new ImageClassification(model, processor);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
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
        float[] logits = Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                return Tensors.toFloats(model.forward(processor.inputs(images)).logits());
            }
        });
        List<List<Label>> classified = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            double[] scores = scores(logits, i * labels.size());
            List<Label> sorted = new ArrayList<>();
            for (int label = 0; label < scores.length; label++) {
                sorted.add(new Label(labels.get(label), scores[label]));
            }
            sorted.sort(Comparator.comparingDouble(Label::score).reversed());
            classified.add(sorted);
        }
        return classified;
    }

    /** Probabilities: of each label for itself where several may hold, otherwise of one among all. */
    private double[] scores(float[] logits, int from) {
        boolean apart = labels.size() == 1 || model.config().common().problemType()
                .filter(ProblemType.MULTI_LABEL_CLASSIFICATION::equals).isPresent();
        double[] scores = new double[labels.size()];
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < scores.length; i++) {
            largest = Math.max(largest, logits[from + i]);
        }
        double sum = 0;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = apart ? 1 / (1 + Math.exp(-logits[from + i])) : Math.exp(logits[from + i] - largest);
            sum += scores[i];
        }
        for (int i = 0; !apart && i < scores.length; i++) {
            scores[i] /= sum;
        }
        return scores;
    }

    @Override
    public void close() {
        model.close();
    }
}
