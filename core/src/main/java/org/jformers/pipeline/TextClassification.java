package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.List;
import org.jformers.checkpoint.LoadReport;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Gives texts, or pairs of texts, a label: classes, several labels at once, or a number. Owns its model. May serve
 * several threads.
 *
 * <p>Reference: transformers 5.18, {@code pipelines/text_classification.py}.
 */
public final class TextClassification implements Pipeline {
    private static final String NAME = "text classification";

    private static final List<Task> TASKS = List.of(Task.SEQUENCE_CLASSIFICATION);

    private final TextReader reader;
    private final List<String> labels;
    private final ScoreFunction function;

    /** Takes a model over; it is closed with this object. */
    public TextClassification(Model model, Tokenizer tokenizer) {
        this(new TextReader(NAME, model, tokenizer));
    }

    private TextClassification(TextReader reader) {
        Model model = reader.model();
        if (model.identity().task() != Task.SEQUENCE_CLASSIFICATION) {
            throw new ConfigException(NAME + ": got " + model.identity().architecture()
                    + ", allowed models with a classifier of texts");
        }
        this.reader = reader;
        labels = model.config().common().labels();
        function = ScoreFunction.of(model.config().common());
    }

    /** Loads a model folder, or the model of an id, with its tokenizer. */
    public static TextClassification load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its tokenizer. */
    public static TextClassification load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static TextClassification load(Path folder, LoadRequest request) {
        return new TextClassification(TextReader.load(NAME, folder, request.withTasks(TASKS)));
    }

    /** All labels of a text, the best first. */
    public List<Label> classify(String text) {
        return classify(List.of(TextInput.of(text)), TextOptions.DEFAULT).get(0);
    }

    /** All labels of each text or pair, the best first, by the function that fits the configuration. */
    public List<List<Label>> classify(List<TextInput> inputs, TextOptions options) {
        return classify(inputs, options, function);
    }

    /**
     * All labels of each text or pair, the best first.
     *
     * @throws org.jformers.JformersException if a text has no token, or more than the model takes and none is to be cut
     */
    public List<List<Label>> classify(List<TextInput> inputs, TextOptions options, ScoreFunction scores) {
        // As in the reference, a pair with an empty second text is one text.
        List<TextInput> texts = inputs.stream()
                .map(input -> new TextInput(input.first(), input.second().filter(second -> !second.isEmpty())))
                .toList();
        return reader.read(TextReader.Per.TEXT, reader.encode(texts, options), "logits").stream()
                .map(logits -> scores.ranked(labels, logits))
                .toList();
    }

    /**
     * The model's own scores of texts that are tokens already, those of the template among them.
     *
     * @param ids token ids, a row for each text, of any lengths
     * @return for each row a score for each of {@link #labels}
     * @throws org.jformers.JformersException if a row has no token, one that the model does not know, or too many
     */
    public float[][] scores(int[][] ids) {
        return reader.read(TextReader.Per.TEXT, reader.rows(ids), "logits").toArray(float[][]::new);
    }

    /** The labels, in the order of the model's scores. */
    public List<String> labels() {
        return labels;
    }

    /** What is made of the scores unless a call says otherwise. */
    public ScoreFunction function() {
        return function;
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
