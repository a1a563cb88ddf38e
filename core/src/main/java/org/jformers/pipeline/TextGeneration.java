package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.jformers.checkpoint.LoadReport;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Continuation;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.generation.PromptCache;
import org.jformers.generation.StopStrings;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.DecodeOptions;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.TextInput;
import org.jformers.text.tokenizer.TokenStream;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * Continues texts and conversations with a decoder. Owns its model. May serve several threads.
 *
 * <p>Reference: transformers 4.57.6, {@code pipelines/text_generation.py}. It is what {@link #settings},
 * {@link #tokens} and {@link #write} do together; {@link #generate} and {@link #stream} take the folder's settings as
 * they are.
 */
public final class TextGeneration implements Pipeline {
    /** How the reference reads prompts and writes texts. */
    public static final PromptOptions PROMPT = new PromptOptions(
            "", TextOptions.DEFAULT, DecodeOptions.DEFAULT.with(DecodeOptions.Spaces.TAKEN_OUT));

    /** Tasks whose models write, and those that are refused by name. */
    private static final List<Task> TASKS = List.of(Task.CAUSAL_LM, Task.DOUBLE_HEADS, Task.MASKED_LM, Task.SEQ2SEQ_LM);

    private static final String NAME = "text generation";

    private final Model model;
    private final Tokenizer tokenizer;
    private final GenerationConfig config;
    private final Generator generator;
    private final ChatTokens chat;

    /**
     * Takes a model over; it is closed with this object. It continues texts alone.
     *
     * @param config settings where a call brings none
     */
    public TextGeneration(Model model, Tokenizer tokenizer, GenerationConfig config) {
        this(model, tokenizer, config, () -> {
            throw new JformersException(NAME + ": got a conversation, allowed where there is a chat template");
        });
    }

    /**
     * The same, continuing conversations too.
     *
     * @param template asked for with the first conversation
     */
    public TextGeneration(
            Model model, Tokenizer tokenizer, GenerationConfig config, Supplier<ChatTemplate> template) {
        if (model instanceof Seq2SeqModel) {
            throw new ConfigException(NAME + ": got " + model.identity().architecture()
                    + ", an encoder-decoder; allowed decoders");
        }
        Vocabularies.check(NAME, tokenizer, model.identity().spec().tokenTable());
        this.model = model;
        this.tokenizer = tokenizer;
        this.config = config;
        generator = new Generator(model);
        chat = new ChatTokens(template, tokenizer, most());
    }

    /** Loads a model folder, or the model of an id, with its tokenizer and its settings. */
    public static TextGeneration load(String folderOrId) {
        return load(ModelSource.folder(folderOrId));
    }

    /** Loads a model folder with its tokenizer, its settings and its chat template. */
    public static TextGeneration load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static TextGeneration load(Path folder, LoadRequest request) {
        return FolderModel.of(folder, request.withTasks(TASKS), model -> new TextGeneration(
                model, AutoTokenizer.load(folder), GenerationConfig.load(folder), () -> ChatTemplate.load(folder)));
    }

    /** Continues a prompt with the folder's settings. */
    public Completion generate(String prompt) {
        return generate(List.of(prompt), config, Controls.NONE).get(0).get(0);
    }

    /** Continues a prompt with the folder's settings but for those that are changed. */
    public Completion generate(String prompt, UnaryOperator<GenerationConfig.Builder> settings) {
        return generate(List.of(prompt), changed(settings), Controls.NONE).get(0).get(0);
    }

    private GenerationConfig changed(UnaryOperator<GenerationConfig.Builder> settings) {
        return settings.apply(config.with()).build();
    }

    /**
     * Continues prompts. An empty prompt stands for the token that begins a text.
     *
     * @return per prompt its continuations, the best first
     * @throws JformersException if prompt and settings do not fit the model
     */
    public List<List<Completion>> generate(List<String> prompts, GenerationConfig settings, Controls controls) {
        List<int[]> rows = prompts.stream().map(this::encode).toList();
        List<List<Continuation>> all = generator.generate(rows, settings, withStopStrings(settings, controls));
        return IntStream.range(0, rows.size())
                .mapToObj(i -> completions(rows.get(i), all.get(i), DecodeOptions.DEFAULT))
                .toList();
    }

    /** Continues a prompt with the folder's settings and tells the text as it comes. */
    public Completion stream(String prompt, Consumer<String> text) {
        return stream(prompt, config, Controls.NONE, text);
    }

    /** The same with some settings changed. */
    public Completion stream(
            String prompt, UnaryOperator<GenerationConfig.Builder> settings, Consumer<String> text) {
        return stream(prompt, changed(settings), Controls.NONE, text);
    }

    /** The same; a {@link Cancellation} among the controls' rules ends it from outside. */
    public Completion stream(
            String prompt, UnaryOperator<GenerationConfig.Builder> settings, Controls controls,
            Consumer<String> text) {
        return stream(prompt, changed(settings), controls, text);
    }

    /**
     * Continues a prompt and tells the text as it comes, in whole characters. The pieces together are the new text.
     *
     * @param settings for one sequence without beams
     * @param text hears the pieces; an exception from it ends the generation
     */
    public Completion stream(String prompt, GenerationConfig settings, Controls controls, Consumer<String> text) {
        try (TextPieces pieces = pieces(encode(prompt), settings, controls, new Cancellation(), written -> {})) {
            pieces.forEach(text);
            return pieces.completion();
        }
    }

    /** Continues a prompt with the folder's settings, piece by piece as its reader asks; the caller closes it. */
    public TextPieces pieces(String prompt) {
        return pieces(prompt, settings -> settings, Controls.NONE);
    }

    /**
     * The same with some settings changed.
     *
     * @param settings for one sequence without beams
     */
    public TextPieces pieces(String prompt, UnaryOperator<GenerationConfig.Builder> settings, Controls controls) {
        return pieces(encode(prompt), changed(settings), controls, new Cancellation(), written -> {});
    }

    /** Continues a prompt for each subscriber with the folder's settings, on the common pool. */
    public Flow.Publisher<String> publisher(String prompt) {
        return publisher(prompt, settings -> settings, Controls.NONE, ForkJoinPool.commonPool());
    }

    /**
     * Continues a prompt for each subscriber. The model writes one piece more than was asked for and waits, without a
     * thread; a cancelled subscription ends it between two tokens. Whatever fails is an error to the subscriber.
     *
     * @param settings for one sequence without beams
     * @param executor where the model writes and subscribers are called
     */
    public Flow.Publisher<String> publisher(
            String prompt, UnaryOperator<GenerationConfig.Builder> settings, Controls controls, Executor executor) {
        return new PublishedText(
                ending -> pieces(encode(prompt), changed(settings), controls, ending, written -> {}), executor);
    }

    /** A text that {@code ending} ends, and {@code end} hears when it has not. */
    TextPieces pieces(
            int[] ids, GenerationConfig settings, Controls controls, Cancellation ending, Consumer<Completion> end) {
        TokenStream text = tokenizer.stream();
        IntStream.of(ids).forEach(text::next);
        return new TextPieces(
                generator.steps(ids, settings, withStopStrings(settings, controls).withRule(ending)), text, ending,
                written -> completion(ids, written, DecodeOptions.DEFAULT), end);
    }

    /**
     * Reads a prompt, for {@link Controls#withPromptCache}; the caller closes it. It may be the beginning of many: ends
     * between words are safe, for the tokens of the longer prompt are to begin with those of this one.
     */
    public PromptCache promptCache(String prompt) {
        return PromptCache.of(model, encode(prompt));
    }

    /**
     * What {@link PromptCache#save} has written; the caller closes it.
     *
     * @throws JformersException if it is not for this model
     */
    public PromptCache promptCache(Path file) {
        return PromptCache.load(file, model);
    }

    /** The tokens of a prompt; of an empty one the token that begins a text. */
    public int[] tokens(String prompt, PromptOptions options) {
        return required(started(TextReader.rows(
                tokenizer, List.of(TextInput.of(options.prefix() + prompt)), options.text(), most()).get(0)));
    }

    /**
     * The tokens of a conversation, or of its latest turns and what the system said before, where the whole leaves no
     * room for an answer.
     *
     * @param messages with {@code role} and {@code content}, and whatever else the template knows
     * @param goesOn whether the last message is to be continued, rather than answered
     * @param answer tokens that the answer is to have room for; where the last turn alone does not leave it, 32 do
     * @throws JformersException if the last turn alone leaves no room
     */
    public int[] tokens(List<Map<String, Object>> messages, boolean goesOn, int answer) {
        return required(chat.of(messages, goesOn, answer));
    }

    /**
     * Continues rows of tokens. Where the model has room for fewer new tokens than the settings say, it writes as many
     * as fit.
     *
     * @return per row, in the order given, its continuations, the best first
     * @throws JformersException if there is no room at all, or settings do not fit the model
     */
    public List<List<Completion>> write(
            List<int[]> rows, DecodeOptions decoding, GenerationConfig settings, Controls controls) {
        List<List<Completion>> results = new ArrayList<>(rows.stream().map(row -> List.<Completion>of()).toList());
        Controls stopping = withStopStrings(settings, controls);
        for (List<Integer> batch : LengthBatches.of(rows, settings)) {
            int length = rows.get(batch.get(0)).length;
            GenerationConfig fitting = fitted(settings, length);
            List<List<Continuation>> written =
                    generator.generate(batch.stream().map(rows::get).toList(), fitting, stopping);
            for (int i = 0; i < batch.size(); i++) {
                results.set(batch.get(i), completions(rows.get(batch.get(i)), written.get(i), decoding));
            }
        }
        return results;
    }

    /** The same settings, or as many new tokens as the model has room for behind a prompt. */
    GenerationConfig fitted(GenerationConfig settings, int length) {
        return TaskDefaults.fitted(settings, length, generator.positions());
    }

    /** How many new tokens the model has room for behind a prompt; below 1 if the prompt alone is too long. */
    public int room(String prompt) {
        // The last token is chosen, but not read.
        return generator.positions().orElse(Integer.MAX_VALUE) - encode(prompt).length + 1;
    }

    /** Most tokens that tokenizer and model take; empty if any number. */
    public OptionalInt most() {
        return Stream.of(tokenizer.maxLength(), generator.positions()).flatMapToInt(OptionalInt::stream).min();
    }

    /** Settings of the folder. */
    public GenerationConfig config() {
        return config;
    }

    /** Settings of the reference's pipeline where a call brings none. */
    public GenerationConfig settings() {
        return defaults().settings();
    }

    /** What the reference's pipeline puts before prompts where a call does not say, as the configuration has it. */
    public String prefix() {
        return defaults().prefix();
    }

    private TaskDefaults defaults() {
        return TaskDefaults.of("text-generation", model.config(), config, tokenizer,
                Map.of("do_sample", true, "temperature", 0.7));
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public LoadReport report() {
        return model.report();
    }

    @Override
    public void close() {
        model.close();
    }

    private int[] encode(String prompt) {
        Encoding encoding = tokenizer.encode(prompt);
        Vocabularies.requireVectors(NAME, tokenizer, model.identity().spec().tokenTable(), encoding.ids());
        return started(encoding);
    }

    private int[] required(int[] ids) {
        Vocabularies.requireVectors(NAME, tokenizer, model.identity().spec().tokenTable(), ids);
        return ids;
    }

    /** An end token that the template adds is left out, for the text goes on. */
    private int[] started(Encoding encoding) {
        int length = encoding.length();
        boolean ends = length > 0
                && encoding.specialTokensMask()[length - 1] == 1
                && isEnd(encoding.ids()[length - 1]);
        int[] ids = Arrays.copyOf(encoding.ids(), ends ? length - 1 : length);
        if (ids.length > 0) {
            return ids;
        }
        OptionalInt bos = config.bosTokenId().isPresent() ? config.bosTokenId() : tokenizer.specialTokens().bos();
        return bos.stream().toArray();
    }

    private boolean isEnd(int id) {
        OptionalInt eos = tokenizer.specialTokens().eos();
        return config.eosTokenId().contains(id) || eos.isPresent() && eos.getAsInt() == id;
    }

    private Controls withStopStrings(GenerationConfig settings, Controls controls) {
        return settings.stopStrings().isEmpty()
                ? controls
                : controls.withRule(new StopStrings(tokenizer, settings.stopStrings()));
    }

    private List<Completion> completions(int[] prompt, List<Continuation> all, DecodeOptions decoding) {
        return all.stream().map(one -> completion(prompt, one, decoding)).toList();
    }

    /**
     * The new tokens alone could decode without the space before them, so the whole is decoded, and of it as many code
     * points are left out as the prompt has.
     */
    private Completion completion(int[] prompt, Continuation continuation, DecodeOptions decoding) {
        int[] all = IntStream.concat(IntStream.of(prompt), IntStream.of(continuation.ids())).toArray();
        String before = tokenizer.decode(prompt, decoding);
        String whole = tokenizer.decode(all, decoding);
        int points = Math.min(
                before.codePointCount(0, before.length()), whole.codePointCount(0, whole.length()));
        return Completion.of(whole.substring(whole.offsetByCodePoints(0, points)), continuation);
    }
}
