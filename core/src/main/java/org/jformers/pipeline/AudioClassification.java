package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.List;
import org.jformers.JformersException;
import org.jformers.audio.FeatureExtractor;
import org.jformers.audio.Sound;
import org.jformers.audio.WavFile;
import org.jformers.checkpoint.LoadReport;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Says what is heard in a recording. Owns its model. May serve several threads.
 *
 * <p>Reference: transformers 5.18, {@code pipelines/audio_classification.py}.
 */
public final class AudioClassification implements Pipeline {
    private static final String NAME = "audio classification";

    private static final List<Task> TASKS = List.of(Task.SEQUENCE_CLASSIFICATION);

    private final Model model;
    private final FeatureExtractor extractor;
    private final List<String> labels;

    /** Takes a model over; it is closed with this object. */
    public AudioClassification(Model model, FeatureExtractor extractor) {
        if (model.identity().task() != Task.SEQUENCE_CLASSIFICATION || model.takes().contains("input_ids")) {
            throw new ConfigException(NAME + ": got " + model.identity().architecture()
                    + ", allowed models with a classifier of recordings");
        }
        this.model = model;
        this.extractor = extractor;
        labels = model.config().common().labels();
    }

    /** Loads a model folder, or the model of an id, with its feature extractor. */
    public static AudioClassification load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its feature extractor. */
    public static AudioClassification load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static AudioClassification load(Path folder, LoadRequest request) {
        return FolderModel.of(folder, request.withTasks(TASKS), model ->
                new AudioClassification(model, FeatureExtractor.load(folder)));
    }

    /**
     * All labels of a WAV file with their probabilities, the likeliest first.
     *
     * @throws JformersException if it is none that can be read, or too short for the model
     */
    public List<Label> classify(Path file) {
        return classify(WavFile.read(file), ScoreFunction.SOFTMAX);
    }

    /**
     * All labels of a sound, the best first.
     *
     * @throws JformersException if it has no samples, or too few for the model
     */
    public List<Label> classify(Sound sound, ScoreFunction scores) {
        float[] logits = Scopes.get(() -> {
            try (NoGrad noGrad = new NoGrad()) {
                return Tensors.toFloats(model.forward(extractor.inputs(List.of(sound))).logits());
            }
        });
        return scores.ranked(labels, logits);
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
