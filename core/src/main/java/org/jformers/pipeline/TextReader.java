package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.tensor.Workers;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.EncodeOptions;
import org.jformers.text.tokenizer.EncodedBatch;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;
import org.jformers.text.tokenizer.Truncation;

/**
 * A model that reads texts, with its tokenizer: what the tasks on texts have in common. A bounded number of tokens is
 * read together: rows of about one length where the model takes no time for padding, otherwise rows of one length
 * alone, so that nothing is padded. Owns the model.
 */
final class TextReader implements AutoCloseable {
    /** Tokens of one batch: enough for the processor, and little memory. */
    private static final int BATCH_TOKENS = 2048;

    private final String task;
    private final Model model;
    private final Tokenizer tokenizer;
    private final OptionalInt room;
    private final boolean typed;
    private final boolean masked;
    private final boolean mixed;

    /**
     * Takes a model over.
     *
     * @param task what it is used for, named in errors
     */
    TextReader(String task, Model model, Tokenizer tokenizer) {
        if (!model.takes().contains("input_ids")) {
            throw new ConfigException(
                    task + ": got " + model.identity().architecture() + ", allowed models that read texts");
        }
        Vocabularies.check(task, tokenizer, model.identity().spec().sourceTable());
        this.task = task;
        this.model = model;
        this.tokenizer = tokenizer;
        room = model.identity().spec().sourceRoom();
        masked = model.takes().contains("attention_mask");
        mixed = masked && model.ignoresPadding() && tokenizer.specialTokens().pad().isPresent();
        typed = tokenizer.givesTypes() && model.takes().contains("token_type_ids");
    }

    /** Loads a folder's model for a task, and its tokenizer. */
    static TextReader load(String task, Path folder, LoadRequest request) {
        return FolderModel.of(folder, request, model -> new TextReader(task, model, AutoTokenizer.load(folder)));
    }

    /** A pipeline over this reader, which is closed if there cannot be one. */
    <P> P into(Function<TextReader, P> pipeline) {
        try {
            return pipeline.apply(this);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    Model model() {
        return model;
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    /** Most tokens that tokenizer and model take; empty if any number. */
    OptionalInt maxLength() {
        return IntStream.concat(tokenizer.maxLength().stream(), room.stream()).min();
    }

    /** Cuts what is longer than tokenizer and model take, into windows that overlap by a stride. */
    Optional<Truncation> windows(int stride) {
        OptionalInt most = maxLength();
        return most.isPresent()
                ? Optional.of(new Truncation(most.getAsInt(), stride, Truncation.Strategy.LONGEST_FIRST,
                        tokenizer.truncation(most.getAsInt()).side()))
                : Optional.empty();
    }

    /** Encodes texts and pairs, each to one row. */
    List<Encoding> encode(List<TextInput> inputs, TextOptions options) {
        List<Encoding> rows = rows(inputs, options);
        rows.forEach(row -> require(row, "; truncation cuts longer texts"));
        return rows;
    }

    /** Encodes pairs, each to one row; the first text is cut where that alone makes the row short enough. */
    List<Encoding> encodeCuttingFirst(List<TextInput> pairs) {
        List<Encoding> rows = rows(pairs, TextOptions.DEFAULT);
        OptionalInt most = maxLength();
        for (int i = 0; i < rows.size() && most.isPresent(); i++) {
            int over = rows.get(i).length() - most.getAsInt();
            if (over > 0 && IntStream.of(rows.get(i).sequences()).filter(text -> text == 0).count() > over) {
                TextOptions cut = TextOptions.DEFAULT.truncated(Truncation.Strategy.ONLY_FIRST);
                rows.set(i, rows(List.of(pairs.get(i)), cut).get(0));
            }
        }
        rows.forEach(row -> require(row, "; of a pair the first text alone is cut"));
        return rows;
    }

    private List<Encoding> rows(List<TextInput> inputs, TextOptions options) {
        return rows(tokenizer, inputs, options, maxLength());
    }

    /**
     * Encodes texts and pairs, each to one row.
     *
     * @param most tokens that are left where texts are cut and the options do not say; empty for any number
     */
    static List<Encoding> rows(Tokenizer tokenizer, List<TextInput> inputs, TextOptions options, OptionalInt most) {
        OptionalInt length = options.maxLength().isPresent() ? options.maxLength() : most;
        Optional<Truncation> cut = options.truncation().filter(strategy -> length.isPresent()).map(strategy ->
                new Truncation(length.getAsInt(), 0, strategy, tokenizer.truncation(length.getAsInt()).side()));
        EncodedBatch batch = tokenizer.encodeBatch(
                inputs, new EncodeOptions(options.specialTokens(), cut, Optional.empty()));
        List<Encoding> rows = new ArrayList<>();
        for (int row = 0; row < batch.rows().size(); row++) {
            if (batch.inputs()[row] == rows.size()) { // the others are what was cut off
                rows.add(batch.rows().get(row));
            }
        }
        return rows;
    }

    /** Rows of token ids as they are. */
    List<Encoding> rows(int[][] ids) {
        List<Encoding> rows = new ArrayList<>();
        for (int[] row : ids) {
            List<String> tokens = IntStream.of(row).mapToObj(tokenizer::token).toList();
            Encoding encoding = new Encoding(
                    row.clone(), tokens, new int[row.length], new int[row.length], new int[row.length]);
            require(encoding, "");
            rows.add(encoding);
        }
        return rows;
    }

    /**
     * Refuses a row that the model cannot read.
     *
     * @param advice what helps where it is too long
     */
    void require(Encoding row, String advice) {
        if (row.length() == 0) {
            throw new JformersException(task + ": got a text without any token, allowed at least one");
        }
        if (room.isPresent() && row.length() > room.getAsInt()) {
            throw new JformersException(task + ": got a text of " + row.length() + " tokens, allowed up to "
                    + room.getAsInt() + ", as many as the model has positions" + advice);
        }
        Vocabularies.requireVectors(task, tokenizer, model.identity().spec().sourceTable(), row.ids());
    }

    /** What a model's output has values for. */
    enum Per {
        /** A text, [B, ...]. */
        TEXT,
        /** Each token of it, [B, T, ...]. */
        TOKEN
    }

    /**
     * Reads rows.
     *
     * @param output what of the model's output is wanted, by name
     * @return per row, in the order given, its values, row-major
     * @throws JformersException if there are values that are no finite numbers
     */
    List<float[]> read(Per per, List<Encoding> rows, String output) {
        return read(per, rows, List.of(output)).get(0);
    }

    /** The same of several outputs, in their order. */
    List<List<float[]>> read(Per per, List<Encoding> rows, List<String> outputs) {
        return read(per, rows, outputs, inputs -> {
            ModelOutput given = mixed ? model.forwardTokens(inputs) : model.forward(inputs);
            return outputs.stream().map(output -> Tensors.toFloats(given.get(output))).toList();
        });
    }

    /**
     * The same of what a function makes of the inputs of a batch.
     *
     * @param names what it makes, named in errors
     * @param function may leave anything at padding
     */
    List<List<float[]>> read(
            Per per, List<Encoding> rows, List<String> names, Function<ModelInputs, List<float[]>> function) {
        List<List<float[]>> results = new ArrayList<>();
        names.forEach(name -> results.add(new ArrayList<>(Collections.nCopies(rows.size(), new float[0]))));
        List<List<Integer>> batches = batches(rows);
        IntConsumer readBatch = number -> {
            List<Integer> batch = batches.get(number);
            List<Encoding> read = batch.stream().map(rows::get).toList();
            List<float[]> values = Scopes.get(() -> {
                try (NoGrad noGrad = new NoGrad()) {
                    return function.apply(inputs(read));
                }
            });
            int longest = longest(read);
            for (int output = 0; output < names.size(); output++) {
                int each = values.get(output).length / batch.size();
                for (int i = 0; i < batch.size(); i++) {
                    int kept = mixed && per == Per.TOKEN ? each / longest * read.get(i).length() : each;
                    float[] own = Arrays.copyOfRange(values.get(output), i * each, i * each + kept);
                    requireFinite(names.get(output), own);
                    results.get(output).set(batch.get(i), own);
                }
            }
        };
        if (model.device().equals(Device.CPU)) {
            Workers.each(batches.size(), readBatch);
        } else {
            IntStream.range(0, batches.size()).forEach(readBatch);
        }
        return results;
    }

    private static int longest(List<Encoding> rows) {
        return rows.stream().mapToInt(Encoding::length).max().orElseThrow();
    }

    private void requireFinite(String output, float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                throw new JformersException(task + ": the model computed " + value + " as " + output
                        + ", allowed finite numbers");
            }
        }
    }

    /** What a function makes of the inputs of one row. */
    <R> R look(Encoding row, Function<ModelInputs, R> function) {
        return Scopes.get(() -> function.apply(inputs(List.of(row))));
    }

    private ModelInputs inputs(List<Encoding> rows) {
        int padding = mixed ? tokenizer.specialTokens().pad().getAsInt() : 0; // elsewhere there is none
        ModelInputs inputs = ModelInputs.of(Tensors.ofLongs(longs(rows, Encoding::ids, padding)));
        if (mixed || masked && rows.stream().anyMatch(this::hasPadding)) {
            inputs = inputs.with("attention_mask", Tensors.ofLongs(longs(rows, Encoding::attentionMask, 0)));
        }
        return typed
                ? inputs.with("token_type_ids", Tensors.ofLongs(longs(rows, Encoding::typeIds, 0)))
                : inputs;
    }

    /** Whether the text itself has the token that pads, which some models take for padding unless a mask says no. */
    private boolean hasPadding(Encoding row) {
        Optional<Integer> padding = model.config().common().padTokenId();
        return padding.isPresent() && IntStream.of(row.ids()).anyMatch(padding.get()::equals);
    }

    /** Rows as long as the longest. */
    private static long[][] longs(List<Encoding> rows, Function<Encoding, int[]> part, int padding) {
        int longest = longest(rows);
        return rows.stream()
                .map(row -> {
                    int[] values = part.apply(row);
                    long[] padded = new long[longest];
                    Arrays.setAll(padded, i -> i < values.length ? values[i] : padding);
                    return padded;
                })
                .toArray(long[][]::new);
    }

    /**
     * What rows must have in common to be read together. Encoder-decoders that classify at the end token take rows with
     * equally many of them.
     */
    private record Form(int length, long ends) {}

    private List<List<Integer>> batches(List<Encoding> rows) {
        return mixed ? byLength(rows) : ofOneForm(rows);
    }

    /** Shorter rows first, as many as have room. */
    private static List<List<Integer>> byLength(List<Encoding> rows) {
        List<Integer> order = IntStream.range(0, rows.size()).boxed()
                .sorted(Comparator.comparingInt(i -> rows.get(i).length()))
                .toList();
        List<List<Integer>> batches = new ArrayList<>();
        int begin = 0;
        for (int end = 1; end <= order.size(); end++) {
            if (end == order.size() || (end + 1 - begin) * rows.get(order.get(end)).length() > BATCH_TOKENS) {
                batches.add(order.subList(begin, end));
                begin = end;
            }
        }
        return batches;
    }

    private List<List<Integer>> ofOneForm(List<Encoding> rows) {
        OptionalInt end = tokenizer.specialTokens().eos();
        Map<Form, List<Integer>> byForm = new LinkedHashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            int[] ids = rows.get(i).ids();
            long ends = end.isEmpty() ? 0 : IntStream.of(ids).filter(id -> id == end.getAsInt()).count();
            byForm.computeIfAbsent(new Form(ids.length, ends), form -> new ArrayList<>()).add(i);
        }
        List<List<Integer>> batches = new ArrayList<>();
        byForm.forEach((form, indices) -> {
            int size = oneByOne() ? 1 : Math.max(1, BATCH_TOKENS / form.length());
            for (int begin = 0; begin < indices.size(); begin += size) {
                batches.add(indices.subList(begin, Math.min(indices.size(), begin + size)));
            }
        });
        return batches;
    }

    /** Decoders classify at the last token that does not pad, and take one row where the config names no padding. */
    private boolean oneByOne() {
        return model.identity().task() == Task.SEQUENCE_CLASSIFICATION
                && model.config().common().padTokenId().isEmpty();
    }

    @Override
    public void close() {
        model.close();
    }
}
