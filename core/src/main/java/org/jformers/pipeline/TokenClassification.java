package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadReport;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Side;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.Truncation;

/**
 * Gives the tokens of a text labels, and finds the stretches that have one: names, places, kinds of words. Texts that
 * are longer than the tokenizer's {@code model_max_length} are cut, as in the reference, or read in windows. Owns its
 * model. May serve several threads.
 *
 * <p>Reference: transformers 5.18, {@code pipelines/token_classification.py}.
 */
public final class TokenClassification implements Pipeline {
    private static final String NAME = "token classification";

    private static final List<Task> TASKS = List.of(Task.TOKEN_CLASSIFICATION);

    private final TextReader reader;
    private final List<String> labels;
    private final Entities entities;

    /**
     * What is made of the labels.
     *
     * @param aggregation how tokens become entities
     * @param ignored labels that are left out
     * @param stride tokens by which the windows of a long text overlap; empty to cut it
     */
    public record Options(Aggregation aggregation, Set<String> ignored, OptionalInt stride) {
        /** Each token by itself but those with the label O. */
        public static final Options DEFAULT = new Options(Aggregation.NONE, Set.of("O"), OptionalInt.empty());

        public Options {
            ignored = Set.copyOf(ignored);
        }

        public Options aggregated(Aggregation how) {
            return new Options(how, ignored, stride);
        }

        public Options ignoring(Set<String> names) {
            return new Options(aggregation, names, stride);
        }

        public Options inWindows(int overlap) {
            return new Options(aggregation, ignored, OptionalInt.of(overlap));
        }
    }

    /**
     * A text to label.
     *
     * @param text the text
     * @param words the words it is cut into, each with where it begins; empty if the tokenizer cuts it
     */
    private record Input(String text, Optional<Words> words) {}

    private record Words(List<String> words, int[] starts) {}

    /** Takes a model over; it is closed with this object. */
    public TokenClassification(Model model, Tokenizer tokenizer) {
        this(new TextReader(NAME, model, tokenizer));
    }

    private TokenClassification(TextReader reader) {
        Model model = reader.model();
        if (model.identity().task() != Task.TOKEN_CLASSIFICATION) {
            throw new ConfigException(NAME + ": got " + model.identity().architecture()
                    + ", allowed models with a classifier of tokens");
        }
        this.reader = reader;
        labels = model.config().common().labels();
        entities = new Entities(labels, reader.tokenizer()::join);
    }

    /** Loads a model folder, or the model of an id, with its tokenizer. */
    public static TokenClassification load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its tokenizer. */
    public static TokenClassification load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static TokenClassification load(Path folder, LoadRequest request) {
        return new TokenClassification(TextReader.load(NAME, folder, request.withTasks(TASKS)));
    }

    /** The entities of a text, in order. */
    public List<Entity> classify(String text, Options options) {
        return classify(List.of(text), options).get(0);
    }

    /**
     * The entities of each text, in order.
     *
     * @throws JformersException if a text has no token, or more than the model takes and the tokenizer names no limit
     */
    public List<List<Entity>> classify(List<String> texts, Options options) {
        return run(texts.stream().map(text -> new Input(text, Optional.empty())).toList(), options);
    }

    /**
     * The entities of each list of words, in order; places are those in the words joined by a delimiter.
     *
     * @param delimiter what stands between words, such as a space
     */
    public List<List<Entity>> classifyWords(List<List<String>> texts, String delimiter, Options options) {
        return run(texts.stream().map(words -> input(words, delimiter)).toList(), options);
    }

    private static Input input(List<String> words, String delimiter) {
        int[] starts = new int[words.size()];
        int between = delimiter.codePointCount(0, delimiter.length());
        for (int i = 1; i < starts.length; i++) {
            String before = words.get(i - 1);
            starts[i] = starts[i - 1] + before.codePointCount(0, before.length()) + between;
        }
        return new Input(String.join(delimiter, words), Optional.of(new Words(words, starts)));
    }

    private List<List<Entity>> run(List<Input> inputs, Options options) {
        requirePlaces(inputs, options);
        Optional<Truncation> cut = truncation(options);
        List<Encoding> windows = new ArrayList<>();
        int[] begins = new int[inputs.size() + 1];
        for (int i = 0; i < inputs.size(); i++) {
            Encoding encoding = encode(inputs.get(i), cut);
            windows.add(encoding);
            if (options.stride().isPresent()) {
                windows.addAll(encoding.overflow());
            }
            begins[i + 1] = windows.size();
        }
        windows.forEach(window -> reader.require(window, "; a stride reads longer texts in windows"));
        List<float[]> logits = reader.read(TextReader.Per.TOKEN, windows, "logits");
        List<List<Entity>> results = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            List<Entity> found = new ArrayList<>();
            for (int window = begins[i]; window < begins[i + 1]; window++) {
                int padding = padding(windows.subList(begins[i], begins[i + 1]), windows.get(window));
                found.addAll(entities.of(
                        scores(inputs.get(i), windows.get(window), padding, logits.get(window)),
                        options.aggregation()));
            }
            found.removeIf(entity -> options.ignored().contains(entity.label()));
            results.add(begins[i + 1] - begins[i] > 1 ? Entities.withoutOverlaps(found) : found);
        }
        return results;
    }

    private void requirePlaces(List<Input> inputs, Options options) {
        boolean words = inputs.stream().anyMatch(input -> input.words().isPresent());
        if (!reader.tokenizer().tellsPlaces()
                && (words || options.aggregation().words() || options.stride().isPresent())) {
            throw new JformersException(NAME + ": got a tokenizer whose class does not tell where tokens stand, for "
                    + (words ? "words" : options.stride().isPresent() ? "a stride" : "that aggregation")
                    + ", allowed texts with the aggregations NONE and SIMPLE, without a stride");
        }
    }

    /** Windows reach as far as tokenizer and model do; a text that is only cut, to what the tokenizer names. */
    private Optional<Truncation> truncation(Options options) {
        if (options.stride().isEmpty() && reader.tokenizer().maxLength().isEmpty()) {
            return Optional.empty();
        }
        int stride = options.stride().orElse(0);
        OptionalInt most = reader.maxLength();
        if (most.isPresent() && stride >= most.getAsInt()) {
            throw new JformersException(NAME + ": got a stride of " + stride + ", allowed less than the "
                    + most.getAsInt() + " tokens of a window");
        }
        return reader.windows(stride);
    }

    private Encoding encode(Input input, Optional<Truncation> cut) {
        Tokenizer tokenizer = reader.tokenizer();
        if (input.words().isPresent()) {
            List<String> words = input.words().get().words();
            return cut.isPresent() ? tokenizer.encodeWords(words, cut.get()) : tokenizer.encodeWords(words);
        }
        return cut.isPresent() ? tokenizer.encode(input.text(), cut.get()) : tokenizer.encode(input.text());
    }

    /** How many tokens the reference, which fills the windows of a text to one length, counts before this one's. */
    private int padding(List<Encoding> windows, Encoding window) {
        return reader.tokenizer().padding().filter(padding -> padding.side() == Side.LEFT).isPresent()
                ? windows.get(0).length() - window.length()
                : 0;
    }

    private List<TokenScores> scores(Input input, Encoding window, int padding, float[] logits) {
        int[] text = input.text().codePoints().toArray();
        int[] special = window.specialTokensMask();
        OptionalInt unknown = reader.tokenizer().specialTokens().unk();
        boolean places = reader.tokenizer().tellsPlaces();
        List<TokenScores> tokens = new ArrayList<>();
        for (int i = 0; i < window.length(); i++) {
            if (special[i] == 1) {
                continue;
            }
            float[] scores = ScoreFunction.SOFTMAX.apply(
                    Arrays.copyOfRange(logits, i * labels.size(), (i + 1) * labels.size()));
            String word = reader.tokenizer().token(window.ids()[i]);
            if (!places) {
                tokens.add(new TokenScores(
                        word, scores, i, OptionalInt.empty(), OptionalInt.empty(), false));
                continue;
            }
            int shift = input.words().isPresent() ? input.words().get().starts()[window.words()[i]] : 0;
            int start = shift + window.starts()[i];
            int end = shift + window.ends()[i];
            boolean known = unknown.isEmpty() || unknown.getAsInt() != window.ids()[i];
            tokens.add(new TokenScores(
                    known ? word : new String(text, start, end - start), scores, padding + i, OptionalInt.of(start),
                    OptionalInt.of(end), known && continues(word, text, start, end)));
        }
        return tokens;
    }

    /** Whether a token goes on a word: its prefix makes it longer than its text, or no space stands before it. */
    private boolean continues(String word, int[] text, int start, int end) {
        if (reader.tokenizer().marksContinuations()) {
            return word.codePointCount(0, word.length()) != end - start;
        }
        return start > 0 && text[start - 1] != ' ' && (start == text.length || text[start] != ' ');
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
