package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jformers.checkpoint.LoadReport;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * The last hidden state of a model's body for the tokens of a text; of the encoder alone for T5 and its relatives, of
 * the decoder for other encoder-decoders. Owns its model. May serve several threads.
 *
 * <p>Reference: transformers 5.18, {@code pipelines/feature_extraction.py}.
 */
public final class FeatureExtraction implements Pipeline {
    private static final String NAME = "feature extraction";

    private static final List<Task> TASKS = List.of(Task.ENCODER, Task.BASE);

    private final TextReader reader;

    /** Takes a model over; it is closed with this object. */
    public FeatureExtraction(Model model, Tokenizer tokenizer) {
        this(new TextReader(NAME, model, tokenizer));
    }

    private FeatureExtraction(TextReader reader) {
        Model.Identity model = reader.model().identity();
        if (!TASKS.contains(model.task())) {
            throw new ConfigException(NAME + ": got " + model.architecture() + ", allowed models without a head");
        }
        this.reader = reader;
    }

    /** Loads the body of a model folder, or of the model of an id, with its tokenizer. */
    public static FeatureExtraction load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads the body of a model folder with its tokenizer. */
    public static FeatureExtraction load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static FeatureExtraction load(Path folder, LoadRequest request) {
        return new FeatureExtraction(TextReader.load(NAME, folder, request.withTasks(TASKS)));
    }

    /** The vectors of a text. */
    public Features extract(String text) {
        return extract(List.of(text), TextOptions.DEFAULT).get(0);
    }

    /**
     * The vectors of each text.
     *
     * @throws org.jformers.JformersException if a text has no token, or more than the model takes and none is to be cut
     */
    public List<Features> extract(List<String> texts, TextOptions options) {
        List<Encoding> rows = reader.encode(texts.stream().map(TextInput::of).toList(), options);
        List<float[]> states = reader.read(TextReader.Per.TOKEN, rows, "last_hidden_state");
        List<Features> features = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            float[] state = states.get(i);
            int width = state.length / rows.get(i).length();
            float[][] vectors = new float[rows.get(i).length()][];
            Arrays.setAll(vectors, token -> Arrays.copyOfRange(state, token * width, (token + 1) * width));
            features.add(new Features(rows.get(i).tokens(), vectors));
        }
        return features;
    }

    @Override
    public LoadReport report() {
        return reader.model().report();
    }

    @Override
    public void close() {
        reader.close();
    }
}
