package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jformers.checkpoint.LoadReport;
import org.jformers.generation.Continuation;
import org.jformers.generation.Controls;
import org.jformers.generation.CrossAttention;
import org.jformers.generation.GenerationConfig;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.auto.LoadRequest;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;

/** Translates texts with an encoder-decoder. Owns its model. May serve several threads. */
public final class Translation implements Pipeline {
    /** Folder, within the model's, of the target's tokenizer where it is not the source's. */
    public static final String TARGET_FOLDER = Text2TextGeneration.TARGET_FOLDER;

    /** Tokens of one batch, padding and beams included: enough for the processor, and little memory. */
    private static final int BATCH_TOKENS = 4096;

    /** How much longer than its source a translation may get where no length is set: arXiv:1706.03762, 6.1. */
    private static final int LONGER_BY = 50;

    private static final String SOURCE = "translation, source";

    private final Text2TextGeneration writer;

    /**
     * Takes a model over; it is closed with this object.
     *
     * @param source tokenizer of the texts
     * @param target tokenizer of the translations
     * @param config settings where a call brings none
     */
    public Translation(Model model, Tokenizer source, Tokenizer target, GenerationConfig config) {
        this(new Text2TextGeneration(Text2TextGeneration.TRANSLATIONS, model, source, target, config));
    }

    private Translation(Text2TextGeneration writer) {
        this.writer = writer;
    }

    /** Loads a model folder, or the model of an id; see {@link #load(Path)}. */
    public static Translation load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its tokenizer, or two of them ({@link #TARGET_FOLDER}), and its settings. */
    public static Translation load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static Translation load(Path folder, LoadRequest request) {
        return new Translation(Text2TextGeneration.load(Text2TextGeneration.TRANSLATIONS, folder, request));
    }

    /** Translates a text with the folder's settings. */
    public Completion translate(String text) {
        return translate(List.of(text), config(), Controls.NONE).get(0).get(0);
    }

    /** Translates a text with the folder's settings but for those that are changed. */
    public Completion translate(String text, UnaryOperator<GenerationConfig.Builder> settings) {
        return translate(List.of(text), settings.apply(config().with()).build(), Controls.NONE).get(0).get(0);
    }

    /**
     * Translates texts, in batches of about equal length. Where the settings name no length, a translation may be 50
     * tokens longer than its source. A text without tokens stays empty.
     *
     * @return per text, in the order given, its translations, the best first
     * @throws org.jformers.JformersException if texts and settings do not fit the model
     */
    public List<List<Completion>> translate(List<String> texts, GenerationConfig settings, Controls controls) {
        List<int[]> sources = texts.stream().map(this::encode).toList();
        List<List<Completion>> results = new ArrayList<>();
        texts.forEach(text -> results.add(List.of(new Completion("", new int[0], OptionalDouble.empty(), true))));
        for (List<Integer> batch : batches(sources, settings)) {
            List<int[]> rows = batch.stream().map(sources::get).toList();
            List<List<Continuation>> written = writer.generate(rows, limited(settings, rows), controls);
            for (int i = 0; i < written.size(); i++) {
                results.set(batch.get(i), written.get(i).stream()
                        .map(one -> Completion.of(writer.target().decode(one.ids()), one))
                        .toList());
            }
        }
        return results;
    }

    /**
     * Where the model looks in the text while it writes a translation of it.
     *
     * @param text the source
     * @param translation what {@link #translate} made of it, not empty
     * @param settings those of the translation
     */
    public AttentionMap attention(String text, Completion translation, GenerationConfig settings) {
        int[] from = encode(text);
        int[] to = translation.ids();
        if (from.length == 0 || to.length == 0) {
            throw new ConfigException("attention: got " + from.length + " source and " + to.length
                    + " target tokens, allowed at least one each");
        }
        int start = settings.decoderStartTokenId().orElseGet(() -> settings.bosTokenId().orElseThrow());
        int[] read = IntStream.concat(IntStream.of(start), Arrays.stream(to, 0, to.length - 1)).toArray();
        return new AttentionMap(tokens(writer.source(), from), tokens(writer.target(), to),
                CrossAttention.weights(writer.model(), from, read));
    }

    /** Settings of the folder. */
    public GenerationConfig config() {
        return writer.config();
    }

    @Override
    public LoadReport report() {
        return writer.report();
    }

    @Override
    public void close() {
        writer.close();
    }

    /** Empty if the tokens are those of the template alone. */
    private int[] encode(String text) {
        Encoding encoding = writer.source().encode(text);
        Vocabularies.requireVectors(SOURCE, writer.source(), writer.model().identity().spec().sourceTable(),
                encoding.ids());
        boolean blank = IntStream.of(encoding.specialTokensMask()).allMatch(added -> added == 1);
        return blank ? new int[0] : encoding.ids();
    }

    /** Indices of the texts that have tokens, the longest first, so that rows of a batch end at about the same time. */
    private static List<List<Integer>> batches(List<int[]> sources, GenerationConfig settings) {
        int[] order = IntStream.range(0, sources.size())
                .filter(i -> sources.get(i).length > 0)
                .boxed()
                .sorted(Comparator.comparingInt(i -> -sources.get(i).length))
                .mapToInt(Integer::intValue)
                .toArray();
        int copies = Math.max(settings.numBeams(), settings.numReturnSequences());
        List<List<Integer>> batches = new ArrayList<>();
        for (int begin = 0, end; begin < order.length; begin = end) {
            int rows = Math.max(1, BATCH_TOKENS / (sources.get(order[begin]).length * copies));
            end = Math.min(order.length, begin + rows);
            batches.add(Arrays.stream(order, begin, end).boxed().toList());
        }
        return batches;
    }

    private GenerationConfig limited(GenerationConfig settings, List<int[]> rows) {
        if (settings.maxNewTokens().isPresent() || settings.maxLength().isPresent()) {
            return settings;
        }
        int longest = rows.stream().mapToInt(row -> row.length).max().orElse(0);
        int limit = Math.min(longest + LONGER_BY, writer.positions().orElse(Integer.MAX_VALUE));
        return settings.with().maxNewTokens(limit).build();
    }

    private static List<String> tokens(Tokenizer tokenizer, int[] ids) {
        return IntStream.of(ids).mapToObj(tokenizer::token).toList();
    }
}
