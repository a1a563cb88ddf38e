package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.checkpoint.LoadReport;
import org.jformers.hub.ModelSource;
import org.jformers.model.CommonConfig;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Orders texts by how well they fit a query, each read together with it by a model that gives a pair one number. Owns
 * its model. May serve several threads.
 *
 * <p>Reference: sentence-transformers 6.0, {@code CrossEncoder.rank}.
 */
public final class Reranking implements Pipeline {
    private static final String NAME = "reranking";
    private static final List<Task> TASKS = List.of(Task.SEQUENCE_CLASSIFICATION);

    private final TextReader reader;
    private final ScoreFunction function;

    /** A query and the texts that are put into order. */
    public record Query(String query, List<String> texts) {
        public Query {
            texts = List.copyOf(texts);
        }
    }

    /** Takes a model over; it is closed with this object. */
    public Reranking(Model model, Tokenizer tokenizer) {
        this(new TextReader(NAME, model, tokenizer), Optional.empty());
    }

    private Reranking(TextReader reader, Optional<String> activation) {
        Model.Identity model = reader.model().identity();
        CommonConfig config = reader.model().config().common();
        if (model.task() != Task.SEQUENCE_CLASSIFICATION || config.labels().size() != 1) {
            throw new ConfigException(NAME + ": got " + model.architecture() + " with " + config.labels().size()
                    + " labels, allowed models with a classifier of texts that has one");
        }
        this.reader = reader;
        function = function(activation.orElseGet(() -> activation(config)));
    }

    /** What is made of the number, by a class of PyTorch; "null" where the configuration does not say. */
    private static String activation(CommonConfig config) {
        return String.valueOf(config.values().get("sentence_transformers") instanceof Map<?, ?> said
                        && said.containsKey("activation_fn")
                ? said.get("activation_fn")
                : config.values().get("sbert_ce_default_activation_function"));
    }

    private static ScoreFunction function(String name) {
        return switch (name) {
            case "null", "torch.nn.modules.activation.Sigmoid" -> ScoreFunction.SIGMOID;
            case "torch.nn.modules.linear.Identity" -> ScoreFunction.NONE;
            default -> throw new ConfigException("config: got activation_fn " + name
                    + ", allowed torch.nn.modules.activation.Sigmoid, torch.nn.modules.linear.Identity");
        };
    }

    /** Loads a model folder, or the model of an id, with its tokenizer. */
    public static Reranking load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its tokenizer. */
    public static Reranking load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static Reranking load(Path folder, LoadRequest request) {
        Optional<String> activation = SentenceModules.activation(folder);
        return TextReader.load(NAME, folder, request.withTasks(TASKS))
                .into(reader -> new Reranking(reader, activation));
    }

    /** Texts by how well they fit a query, the best first. */
    public List<RankedText> rank(String query, List<String> texts) {
        return rank(List.of(new Query(query, texts)), TextOptions.DEFAULT).get(0);
    }

    /**
     * The texts of each query, the best first; of equal ones the first.
     *
     * @throws org.jformers.JformersException if a pair has more tokens than the model takes and none is to be cut
     */
    public List<List<RankedText>> rank(List<Query> queries, TextOptions options) {
        List<TextInput> pairs = new ArrayList<>();
        queries.forEach(query -> query.texts().forEach(text -> pairs.add(TextInput.pair(query.query(), text))));
        List<float[]> logits = reader.read(TextReader.Per.TEXT, reader.encode(pairs, options), "logits");
        List<List<RankedText>> ranked = new ArrayList<>();
        int at = 0;
        for (Query query : queries) {
            List<RankedText> texts = new ArrayList<>();
            for (String text : query.texts()) {
                texts.add(new RankedText(texts.size(), text, function.apply(logits.get(at++))[0]));
            }
            texts.sort(Comparator.comparingDouble(RankedText::score).reversed());
            ranked.add(texts);
        }
        return ranked;
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
