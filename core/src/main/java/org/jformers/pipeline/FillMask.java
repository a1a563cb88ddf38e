package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jformers.JformersException;
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
 * Says which tokens fit the gaps of a text, where it has mask tokens. Owns its model. May serve several threads.
 *
 * <p>Reference: transformers 5.18, {@code pipelines/fill_mask.py}.
 */
public final class FillMask implements Pipeline {
    private static final String NAME = "fill mask";

    private static final List<Task> TASKS = List.of(Task.MASKED_LM);

    private final TextReader reader;
    private final int mask;

    /**
     * A token for a gap.
     *
     * @param score its probability there
     * @param token its id
     * @param text the token as text
     * @param sequence the text with it in the gap; other gaps stay, and with them the special tokens
     */
    public record Filler(double score, int token, String text, String sequence) {}

    /**
     * How gaps are filled.
     *
     * @param topK how many tokens for each gap, at least 1
     * @param targets the tokens among which they are; one that is no token stands for the first of its tokens; empty
     *     for all
     * @param text how texts become tokens
     */
    public record Options(int topK, List<String> targets, TextOptions text) {
        /** The five best of all tokens. */
        public static final Options DEFAULT = new Options(5, List.of(), TextOptions.DEFAULT);

        public Options {
            targets = List.copyOf(targets);
            if (topK < 1) {
                throw new JformersException(NAME + ": got top_k " + topK + ", allowed at least 1");
            }
        }
    }

    /** Takes a model over; it is closed with this object. */
    public FillMask(Model model, Tokenizer tokenizer) {
        this(new TextReader(NAME, model, tokenizer));
    }

    private FillMask(TextReader reader) {
        Model model = reader.model();
        if (model.identity().task() != Task.MASKED_LM) {
            throw new ConfigException(NAME + ": got " + model.identity().architecture()
                    + ", allowed masked language models");
        }
        this.reader = reader;
        mask = reader.tokenizer().specialTokens().mask().orElseThrow(() -> new ConfigException(
                NAME + ": got a tokenizer without a mask token, allowed those with one"));
    }

    /** Loads a model folder, or the model of an id, with its tokenizer. */
    public static FillMask load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its tokenizer. */
    public static FillMask load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static FillMask load(Path folder, LoadRequest request) {
        return new FillMask(TextReader.load(NAME, folder, request.withTasks(TASKS)));
    }

    /** Tokens for each gap of a text, the best first. */
    public List<List<Filler>> fill(String text) {
        return fill(List.of(text), Options.DEFAULT).get(0);
    }

    /**
     * Tokens for each gap of each text, the best first.
     *
     * @throws JformersException if a text has no gap, or more tokens than the model takes and none is to be cut
     */
    public List<List<List<Filler>>> fill(List<String> texts, Options options) {
        List<Encoding> rows = reader.encode(texts.stream().map(TextInput::of).toList(), options.text());
        for (Encoding row : rows) {
            if (gaps(row).length == 0) {
                throw new JformersException(NAME + ": got a text without " + reader.tokenizer().token(mask)
                        + ", allowed one or more");
            }
        }
        Set<Integer> targets = targets(options.targets());
        List<float[]> scores = reader.read(TextReader.Per.TOKEN, rows, "logits");
        List<List<List<Filler>>> filled = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            filled.add(fill(rows.get(i), scores.get(i), targets, options.topK()));
        }
        return filled;
    }

    private int[] gaps(Encoding row) {
        return IntStream.range(0, row.length()).filter(i -> row.ids()[i] == mask).toArray();
    }

    /** The ids of tokens; none for all. */
    private Set<Integer> targets(List<String> tokens) {
        Set<Integer> ids = new TreeSet<>();
        for (String token : tokens) {
            reader.tokenizer().id(token).ifPresentOrElse(ids::add, () ->
                    IntStream.of(reader.tokenizer().encodePlain(token).ids()).limit(1).forEach(ids::add));
        }
        if (!tokens.isEmpty() && ids.isEmpty()) {
            throw new JformersException(NAME + ": got targets " + tokens + ", allowed at least one that has a token");
        }
        return ids;
    }

    private List<List<Filler>> fill(Encoding row, float[] logits, Set<Integer> targets, int topK) {
        int[] gaps = gaps(row);
        int vocabulary = logits.length / row.length();
        List<List<Filler>> filled = new ArrayList<>();
        for (int gap : gaps) {
            double[] probabilities = softmax(logits, gap * vocabulary, vocabulary);
            IntStream candidates = targets.isEmpty()
                    ? IntStream.range(0, vocabulary)
                    : targets.stream().mapToInt(Integer::intValue);
            filled.add(candidates.boxed()
                    .sorted(Comparator.comparingDouble(id -> -probabilities[id]))
                    .limit(topK)
                    .map(id -> filler(row, gap, id, probabilities[id], gaps.length == 1))
                    .toList());
        }
        return filled;
    }

    private Filler filler(Encoding row, int gap, int id, double score, boolean single) {
        Tokenizer tokenizer = reader.tokenizer();
        int[] ids = row.ids().clone();
        ids[gap] = id;
        int[] kept = tokenizer.specialTokens().pad().isPresent()
                ? IntStream.of(ids).filter(token -> token != tokenizer.specialTokens().pad().getAsInt()).toArray()
                : ids;
        return new Filler(score, id, tokenizer.decodeWithSpecialTokens(new int[] {id}),
                single ? tokenizer.decode(kept) : tokenizer.decodeWithSpecialTokens(kept));
    }

    private static double[] softmax(float[] logits, int from, int size) {
        double largest = IntStream.range(from, from + size).mapToDouble(i -> logits[i]).max().orElseThrow();
        double[] shares = IntStream.range(from, from + size).mapToDouble(i -> Math.exp(logits[i] - largest)).toArray();
        double sum = IntStream.range(0, size).mapToDouble(i -> shares[i]).sum();
        return IntStream.range(0, size).mapToDouble(i -> shares[i] / sum).toArray();
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
