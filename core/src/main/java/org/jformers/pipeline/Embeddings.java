package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadReport;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.head.SentencePooling;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * One vector for a text, near those of texts that mean the same: the last hidden state, pooled as the folder's {@code
 * modules.json} says, or the mean of its tokens where it has none. Owns its model. May serve several threads.
 *
 * <p>Reference: sentence-transformers 6.0, {@code SentenceTransformer.encode}.
 */
public final class Embeddings implements Pipeline {
    private static final String NAME = "embeddings";
    private static final List<Task> TASKS = List.of(Task.ENCODER, Task.BASE);
    private static final SentenceModules MEAN =
            new SentenceModules(new SentencePooling(SentencePooling.Kind.MEAN, false), OptionalInt.empty());

    private final TextReader reader;
    private final SentenceModules modules;

    /** Takes a model over; it is closed with this object. */
    public Embeddings(Model model, Tokenizer tokenizer, SentenceModules modules) {
        this(new TextReader(NAME, model, tokenizer), modules);
    }

    private Embeddings(TextReader reader, SentenceModules modules) {
        Model.Identity model = reader.model().identity();
        if (!TASKS.contains(model.task())) {
            throw new ConfigException(NAME + ": got " + model.architecture() + ", allowed models without a head");
        }
        this.reader = reader;
        this.modules = modules;
    }

    /** Loads the body of a model folder, or of the model of an id, with its tokenizer. */
    public static Embeddings load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads the body of a model folder with its tokenizer. */
    public static Embeddings load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static Embeddings load(Path folder, LoadRequest request) {
        SentenceModules modules = SentenceModules.find(folder).orElse(MEAN);
        return new Embeddings(TextReader.load(NAME, folder, request.withTasks(TASKS)), modules);
    }

    /** The vector of a text. */
    public float[] embed(String text) {
        return embed(List.of(text), TextOptions.DEFAULT).get(0);
    }

    /** The vectors of texts, [texts][components]. */
    public float[][] embed(List<String> texts) {
        return embed(texts, TextOptions.DEFAULT).toArray(float[][]::new);
    }

    /**
     * The vectors of texts that are tokens already, those of the template among them.
     *
     * @param ids token ids, a row for each text, of any lengths
     * @return a vector for each row
     * @throws JformersException if a row has no token, one that the model does not know, or too many
     */
    public float[][] embed(int[][] ids) {
        return vectors(reader.rows(ids)).toArray(float[][]::new);
    }

    /**
     * The vector of each text.
     *
     * @throws JformersException if a text has no token, or more than the model takes and none is to be cut
     */
    public List<float[]> embed(List<String> texts, TextOptions options) {
        OptionalInt most = most();
        TextOptions limited = options.maxLength().isEmpty() && options.truncation().isPresent() && most.isPresent()
                ? options.withMaxLength(most.getAsInt())
                : options;
        return vectors(reader.encode(texts.stream().map(TextInput::of).toList(), limited));
    }

    private List<float[]> vectors(List<Encoding> rows) {
        OptionalInt most = most();
        for (Encoding row : rows) {
            if (most.isPresent() && row.length() > most.getAsInt()) {
                throw new JformersException(NAME + ": got a text of " + row.length() + " tokens, allowed up to "
                        + most.getAsInt() + ", as the model was trained; truncation cuts longer texts");
            }
        }
        return reader.read(TextReader.Per.TEXT, rows, List.of("vectors"),
                inputs -> List.of(Tensors.toFloats(modules.pooling().vectors(reader.model(), inputs)))).get(0);
    }

    /** Most tokens of a text: what the modules say, or what tokenizer and model take. */
    private OptionalInt most() {
        return IntStream.concat(modules.maxLength().stream(), reader.maxLength().stream()).min();
    }

    /** The cosine of the angle between two vectors, 1 for those of one direction; 0 where one has no length. */
    public static double similarity(float[] a, float[] b) {
        if (a.length != b.length) {
            throw new JformersException(NAME + ": got vectors of " + a.length + " and " + b.length
                    + " components, allowed as many of each");
        }
        double product = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            lengthA += (double) a[i] * a[i];
            lengthB += (double) b[i] * b[i];
        }
        return product == 0 ? 0 : product / Math.sqrt(lengthA) / Math.sqrt(lengthB);
    }

    public Tokenizer tokenizer() {
        return reader.tokenizer();
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
