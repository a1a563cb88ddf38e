package org.jformers.pipeline;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadReport;
import org.jformers.generation.Continuation;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.generation.StopStrings;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.DecodeOptions;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.Tokenizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes texts for texts with an encoder-decoder: summaries, translations, answers. Owns its model. May serve several
 * threads.
 *
 * <p>Reference: transformers 4.57.6, {@code pipelines/text2text_generation.py}. It is what {@link #settings}, {@link
 * #tokens} and {@link #write} do together.
 */
public final class Text2TextGeneration implements Pipeline {
    /** The name of the task for any texts, as configurations have it. */
    public static final String ANY = "text2text-generation";
    public static final String SUMMARIES = "summarization";
    public static final String TRANSLATIONS = "translation";

    /** How the reference reads sources and writes targets. */
    public static final PromptOptions PROMPT = new PromptOptions(
            "", TextOptions.DEFAULT, DecodeOptions.DEFAULT.with(DecodeOptions.Spaces.KEPT));

    /** Folder, within the model's, of the target's tokenizer where it is not the source's. */
    static final String TARGET_FOLDER = "target";

    /** Tasks whose models write, and those that are refused by name. */
    private static final List<Task> TASKS = List.of(Task.SEQ2SEQ_LM, Task.CAUSAL_LM);

    private static final Map<String, Object> BEAMS = Map.of("num_beams", 4);

    private static final Logger LOG = LoggerFactory.getLogger(Text2TextGeneration.class);

    private final String task;
    private final Model model;
    private final Tokenizer source;
    private final Tokenizer target;
    private final GenerationConfig config;
    private final Generator generator;
    private final AtomicBoolean warned = new AtomicBoolean();
    private final Map<String, Tokenizer> ofLanguages = new ConcurrentHashMap<>();

    /**
     * Takes a model over; it is closed with this object.
     *
     * @param task by its name in configurations, such as {@link #SUMMARIES}
     * @param source tokenizer of the texts
     * @param target tokenizer of what is written
     * @param config settings of the folder
     */
    public Text2TextGeneration(
            String task, Model model, Tokenizer source, Tokenizer target, GenerationConfig config) {
        if (!(model instanceof Seq2SeqModel)) {
            throw new ConfigException(task + ": got " + model.identity().architecture()
                    + ", allowed encoder-decoders");
        }
        Vocabularies.check(task + ", source", source, model.identity().spec().sourceTable());
        Vocabularies.check(task + ", target", target, model.identity().spec().tokenTable());
        this.task = task;
        this.model = model;
        this.source = source;
        this.target = target;
        this.config = config;
        generator = new Generator(model);
    }

    /** Loads a model folder with its tokenizer, or two of them, and its settings. */
    public static Text2TextGeneration load(String task, Path folder) {
        return load(task, folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static Text2TextGeneration load(String task, Path folder, LoadRequest request) {
        return FolderModel.of(folder, request.withTasks(TASKS), model -> {
            Tokenizer source = AutoTokenizer.load(folder);
            Path own = folder.resolve(TARGET_FOLDER);
            Tokenizer target = Files.isDirectory(own) ? AutoTokenizer.load(own) : source;
            return new Text2TextGeneration(task, model, source, target, GenerationConfig.load(folder));
        });
    }

    /** What is written for a text, with the settings of the reference's pipeline. */
    public Completion write(String text) {
        int[] row = tokens(text, PROMPT.withPrefix(prefix()));
        return write(List.of(row), PROMPT.decoding(), settings(), Controls.NONE).get(0).get(0);
    }

    /**
     * The tokens of a text.
     *
     * @throws JformersException if there are none, or more than the model takes and none is to be cut
     */
    public int[] tokens(String text, PromptOptions options) {
        return tokens(source, text, options);
    }

    /**
     * The same of a text in a language, for models that mark texts with one.
     *
     * @param language a code that is a token, such as {@code de_DE}
     */
    public int[] tokens(String text, String language, PromptOptions options) {
        return tokens(ofLanguages.computeIfAbsent(language, source::withLanguage), text, options);
    }

    private int[] tokens(Tokenizer tokenizer, String text, PromptOptions options) {
        OptionalInt room = model.identity().spec().sourceRoom();
        OptionalInt most = IntStream.concat(tokenizer.maxLength().stream(), room.stream()).min();
        Encoding row = TextReader.rows(
                tokenizer, List.of(TextInput.of(options.prefix() + text)), options.text(), most).get(0);
        if (row.length() == 0) {
            throw new JformersException(task + ": got a text without any token, allowed at least one");
        }
        if (room.isPresent() && row.length() > room.getAsInt()) {
            throw new JformersException(task + ": got a text of " + row.length() + " tokens, allowed up to "
                    + room.getAsInt() + ", as many as the model has positions; truncation cuts longer texts");
        }
        Vocabularies.requireVectors(task, tokenizer, model.identity().spec().sourceTable(), row.ids());
        return row.ids();
    }

    /**
     * Writes texts for rows of tokens. Where the model has room for fewer tokens than the settings say, it writes as
     * many as fit.
     *
     * @return per row, in the order given, what is written, the best first
     * @throws JformersException if settings do not fit the model
     */
    public List<List<Completion>> write(
            List<int[]> rows, DecodeOptions decoding, GenerationConfig settings, Controls controls) {
        List<List<Completion>> results = new ArrayList<>(rows.stream().map(row -> List.<Completion>of()).toList());
        GenerationConfig fitting = TaskDefaults.fitted(settings, 1, generator.positions());
        for (List<Integer> batch : LengthBatches.of(rows, settings)) {
            List<List<Continuation>> written =
                    generate(batch.stream().map(rows::get).toList(), fitting, controls);
            for (int i = 0; i < batch.size(); i++) {
                results.set(batch.get(i), written.get(i).stream()
                        .map(one -> Completion.of(text(one.ids(), decoding, fitting), one))
                        .toList());
            }
        }
        return results;
    }

    /** With the start token, which a call may choose from those that are text. */
    private String text(int[] ids, DecodeOptions decoding, GenerationConfig settings) {
        OptionalInt start = settings.decoderStartTokenId().isPresent()
                ? settings.decoderStartTokenId()
                : settings.bosTokenId();
        return target.decode(IntStream.concat(start.stream(), IntStream.of(ids)).toArray(), decoding);
    }

    List<List<Continuation>> generate(List<int[]> rows, GenerationConfig settings, Controls controls) {
        return generator.generate(rows, settings, settings.stopStrings().isEmpty()
                ? controls
                : controls.withRule(new StopStrings(target, settings.stopStrings())));
    }

    /** Whether texts are marked with a language, whose code a translation names. */
    public boolean marksLanguages() {
        return source.language().isPresent();
    }

    /**
     * Settings with which the target is in a language, for models that mark texts with one.
     *
     * @throws JformersException if the code is no token
     */
    public GenerationConfig into(String language, GenerationConfig settings) {
        int code = target.id(language).orElseThrow(() -> new JformersException(task + ": got the language " + language
                + ", which is no token, allowed codes such as " + source.language().orElse("those of its tokens")));
        return settings.with().forcedBosTokenId(code).build();
    }

    /**
     * The name of the task of translating between two languages, if the configuration has it, as those of T5 do. Where
     * it has none of any pair, languages have no effect, as in the reference, which is warned of once.
     *
     * @throws JformersException if it has others instead
     */
    public Optional<String> pair(String from, String to) {
        String pair = "translation_" + from + "_to_" + to;
        List<String> pairs = TaskDefaults.named(model.config()).stream()
                .filter(name -> name.startsWith("translation_"))
                .toList();
        if (!pairs.isEmpty() && !pairs.contains(pair)) {
            throw new JformersException(task + ": got the languages " + from + " and " + to
                    + ", allowed those of " + String.join(", ", pairs));
        }
        if (pairs.isEmpty() && !warned.getAndSet(true)) {
            LOG.warn("{}: src_lang and tgt_lang have no effect on a model of one pair of languages", task);
        }
        return Optional.of(pair).filter(pairs::contains);
    }

    /** As in the reference, a translation of no languages is that of the first pair that the configuration has. */
    private TaskDefaults defaults(String name) {
        String found = !name.equals(TRANSLATIONS) ? name : TaskDefaults.named(model.config()).stream()
                .filter(each -> each.startsWith(TRANSLATIONS))
                .findFirst()
                .orElse(name);
        return TaskDefaults.of(found, model.config(), config, target, BEAMS);
    }

    /** Settings of the reference's pipeline where a call brings none. */
    public GenerationConfig settings() {
        return defaults(task).settings();
    }

    /** What the reference's pipeline puts before each text, as the configuration has it for the task. */
    public String prefix() {
        return defaults(task).prefix();
    }

    /** The same for another task of the configuration. */
    public GenerationConfig settings(String name) {
        return defaults(name).settings();
    }

    /** The same for another task of the configuration. */
    public String prefix(String name) {
        return defaults(name).prefix();
    }

    /** Settings of the folder. */
    public GenerationConfig config() {
        return config;
    }

    /** Tokenizer of what is written. */
    public Tokenizer target() {
        return target;
    }

    Tokenizer source() {
        return source;
    }

    Model model() {
        return model;
    }

    OptionalInt positions() {
        return generator.positions();
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
