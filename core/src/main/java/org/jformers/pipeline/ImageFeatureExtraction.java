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
import org.jformers.model.ModelOutput;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;
import org.jformers.vision.ImageFile;
import org.jformers.vision.ImageProcessor;

/**
 * The last hidden state of a model's body for the patches of an image, or one vector for the whole. Owns its model. May
 * serve several threads.
 *
 * <p>Reference: transformers 4.57.6, {@code pipelines/image_feature_extraction.py}.
 */
public final class ImageFeatureExtraction implements Pipeline {
    private static final String NAME = "image feature extraction";
    private static final List<Task> TASKS = List.of(Task.BASE);
    private static final String STATES = "last_hidden_state";
    private static final String POOLED = "pooler_output";

    /** Images that are read together. */
    private static final int BATCH = 16;

    private final Model model;
    private final ImageProcessor processor;
    private final boolean pools;

    /** Takes a model over; it is closed with this object. */
    public ImageFeatureExtraction(Model model, ImageProcessor processor) {
        this(model, processor, true);
    }

    private ImageFeatureExtraction(Model model, ImageProcessor processor, boolean pools) {
        if (!TASKS.contains(model.identity().task()) || !model.takes().contains("pixel_values")) {
            throw new ConfigException(NAME + ": got " + model.identity().architecture()
                    + ", allowed models of images without a head");
        }
        this.model = model;
        this.processor = processor;
        this.pools = pools;
    }

    /** Loads the body of a model folder, or of the model of an id, with its image processor. */
    public static ImageFeatureExtraction load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads the body of a model folder with its image processor. */
    public static ImageFeatureExtraction load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. Where the folder has no pooler, images have no one vector. */
    public static ImageFeatureExtraction load(Path folder, LoadRequest request) {
        LoadRequest lenient = request.withTasks(TASKS).withMode(request.mode().allowingMissing(List.of("pooler")));
        return FolderModel.of(folder, lenient, model -> {
            boolean pools = model.report().missing().keySet().stream().noneMatch(name -> name.contains("pooler"));
            return new ImageFeatureExtraction(model, ImageProcessor.load(folder), pools);
        });
    }

    /**
     * The vectors of an image file [T][C], of most models that of the class token first.
     *
     * @throws JformersException if it is no image that can be read
     */
    public float[][] extract(Path file) {
        return extract(List.of(ImageFile.read(file))).get(0);
    }

    /** The vectors of each image [T][C]. */
    public List<float[][]> extract(List<BufferedImage> images) {
        return read(images, STATES).stream().map(values -> rows(values.values(), values.width())).toList();
    }

    /**
     * One vector for each image [C], as the model's pooler makes it.
     *
     * @throws JformersException if the model has none, or its weights were not in the folder
     */
    public List<float[]> pooled(List<BufferedImage> images) {
        if (!pools) {
            throw new JformersException(NAME + ": pool: got true for a folder without the weights of a pooler,"
                    + " allowed where there are some");
        }
        return read(images, POOLED).stream().map(Values::values).toList();
    }

    private record Values(float[] values, int width) {}

    private List<Values> read(List<BufferedImage> images, String output) {
        List<Values> read = new ArrayList<>();
        for (int begin = 0; begin < images.size(); begin += BATCH) {
            List<BufferedImage> batch = images.subList(begin, Math.min(images.size(), begin + BATCH));
            read.addAll(Scopes.get(() -> {
                try (NoGrad noGrad = new NoGrad()) {
                    return values(model.forward(processor.inputs(batch)), output, batch.size());
                }
            }));
        }
        return read;
    }

    private static List<Values> values(ModelOutput given, String output, int images) {
        if (given.find(output).isEmpty()) {
            throw new JformersException(NAME + ": got a model without " + output + ", it has "
                    + given.tensors().keySet());
        }
        float[] all = Tensors.toFloats(given.get(output));
        int width = Shapes.last(given.get(output));
        int each = all.length / images;
        List<Values> values = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            values.add(new Values(Arrays.copyOfRange(all, i * each, (i + 1) * each), width));
        }
        return values;
    }

    private static float[][] rows(float[] values, int width) {
        float[][] rows = new float[values.length / width][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * width, (i + 1) * width));
        return rows;
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
