package org.jformers.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.LabelSet;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.RunStart;
import org.jformers.model.Extent;
import org.jformers.model.Model;
import org.jformers.model.ProblemType;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.vision.ImageProcessor;

/**
 * A model of images to start from, or the configuration of a new one.
 *
 * @param start what the run starts from
 * @param processor makes the model's input of images
 */
record ImageModel(RunStart start, ImageProcessor processor) {
    private static final String PROCESSOR = "preprocessor_config.json";
    private static final List<String> PROCESSORS = List.of(PROCESSOR, "processor_config.json");

    /** Reads what the folder says, no weights; a new model gets images of its size, values from -1 to 1. */
    static ImageModel of(RunStart start, Task task) {
        if (start.folder().isEmpty()) {
            return new ImageModel(start, ImageProcessor.parse(newProcessor(start), "model.config"));
        }
        AutoModel.check(start.config(), task);
        return new ImageModel(start, ImageProcessor.load(start.folder().get()));
    }

    private static ObjectNode newProcessor(RunStart start) {
        JsonNode size = size(start.experiment().model().config());
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("image_processor_type", "ViTImageProcessor");
        json.put("do_resize", true).put("resample", 2).putObject("size")
                .put("height", (size.isArray() ? size.get(0) : size).intValue())
                .put("width", (size.isArray() ? size.get(1) : size).intValue());
        json.put("do_rescale", true).put("rescale_factor", 1 / 255.0).put("do_normalize", true);
        List.of("image_mean", "image_std").forEach(key -> json.putArray(key).add(0.5).add(0.5).add(0.5));
        return json;
    }

    /** The size of the images of a new model. */
    static JsonNode size(ObjectNode config) {
        JsonNode size = config.path("image_size").isMissingNode()
                ? config.path("vision_config").path("image_size")
                : config.get("image_size");
        if (!size.isInt() && !(size.isArray() && size.size() == 2 && size.get(0).isInt() && size.get(1).isInt())) {
            throw new ExperimentException("model.config.image_size: got " + (size.isMissingNode() ? "null" : size)
                    + ", allowed a number, or height and width, for a new model");
        }
        return size;
    }

    /** A new model's configuration with labels. */
    static ObjectNode labelled(ObjectNode config, List<String> labels) {
        ObjectNode with = config.deepCopy();
        ObjectNode byId = with.putObject("id2label");
        ObjectNode byName = with.putObject("label2id");
        IntStream.range(0, labels.size()).forEach(i -> {
            byId.put(Integer.toString(i), labels.get(i));
            byName.put(labels.get(i), i);
        });
        with.remove("num_labels");
        return with.put("problem_type", ProblemType.SINGLE_LABEL_CLASSIFICATION.configName());
    }

    /** What size images are brought to. */
    Extent size() {
        return processor.size().orElseThrow(() -> new ExperimentException("image processor: got one"
                + " that makes images of many sizes, allowed one that resizes or crops to one size"));
    }

    /** The labels of a classifier that is trained further, or those of the data. */
    LabelSet labels(LabelSet found) {
        return start.folder().isEmpty() ? found : TextModel.labels(start.config(), Task.IMAGE_CLASSIFICATION, found);
    }

    /** The model with a classifier for those labels. */
    Model model(List<String> labels) {
        if (start.folder().isEmpty()) {
            return start.create(
                    labelled(start.experiment().model().config(), labels), Task.IMAGE_CLASSIFICATION);
        }
        return start.load(LoadRequest.of(Task.IMAGE_CLASSIFICATION).withLabels(labels)
                .withMode(LoadMode.REPLACED_HEAD).withProblemType(ProblemType.SINGLE_LABEL_CLASSIFICATION));
    }

    /** Puts the settings of the image processor into a model folder. */
    void complete(Path folder) {
        if (start.folder().isEmpty()) {
            AtomicFile.write(folder.resolve(PROCESSOR),
                    newProcessor(start).toPrettyString().getBytes(StandardCharsets.UTF_8));
            return;
        }
        copyProcessor(start.folder().get(), folder);
    }

    /** Copies the settings by which a folder's images, or sounds, are read. */
    static void copyProcessor(Path from, Path to) {
        for (String name : PROCESSORS) {
            Path file = from.resolve(name);
            try {
                if (Files.isRegularFile(file)) {
                    Files.copy(file, to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
