package org.jformers.pipeline;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jformers.generation.Continuation;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.generation.StopStrings;
import org.jformers.model.ConfigException;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.TokenStream;
import org.jformers.text.tokenizer.Tokenizer;

/** Continues texts with a decoder. Owns its model. May serve several threads. */
public final class TextGeneration implements AutoCloseable {
    /** Tasks whose models write, and those that are refused by name. */
    private static final List<Task> TASKS = List.of(Task.CAUSAL_LM, Task.DOUBLE_HEADS, Task.MASKED_LM, Task.SEQ2SEQ_LM);

    private static final String NAME = "text generation";

    private final Model model;
    private final Tokenizer tokenizer;
    private final GenerationConfig config;
    private final Generator generator;

    /**
     * Takes a model over; it is closed with this object.
     *
     * @param config settings where a call brings none
     */
    public TextGeneration(Model model, Tokenizer tokenizer, GenerationConfig config) {
        if (model instanceof Seq2SeqModel) {
            throw new ConfigException(NAME + ": got " + model.identity().architecture()
                    + ", an encoder-decoder; allowed decoders");
        }
        Vocabularies.check(NAME, tokenizer, model.identity().spec().tokenTable());
        this.model = model;
        this.tokenizer = tokenizer;
        this.config = config;
        generator = new Generator(model);
    }

    /** Loads a model folder with its tokenizer and its settings. */
    public static TextGeneration load(Path folder) {
        return load(folder, LoadRequest.DECLARED);
    }

    /** The same as a request says, but for its tasks. */
    public static TextGeneration load(Path folder, LoadRequest request) {
        // The model first: what its weights lack weighs more than what the tokenizer's files do.
        Model model = AutoModel.load(folder, request.withTasks(TASKS)).model();
        try {
            return new TextGeneration(model, AutoTokenizer.load(folder), GenerationConfig.load(folder));
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Continues a prompt with the folder's settings. */
    public Completion generate(String prompt) {
        return generate(List.of(prompt), config, Controls.NONE).get(0).get(0);
    }

    /**
     * Continues prompts in one batch. An empty prompt stands for the token that begins a text.
     *
     * @return per prompt its continuations, the best first
     * @throws org.jformers.JformersException if prompt and settings do not fit the model
     */
    public List<List<Completion>> generate(List<String> prompts, GenerationConfig settings, Controls controls) {
        List<int[]> ids = prompts.stream().map(this::encode).toList();
        List<List<Continuation>> all = generator.generate(ids, settings, withStopStrings(settings, controls));
        List<List<Completion>> completions = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            int[] prompt = ids.get(i);
            completions.add(all.get(i).stream().map(one -> completion(prompt, one)).toList());
        }
        return completions;
    }

    /**
     * Continues a prompt and tells the text as it comes, in whole characters. The pieces together are the new text.
     *
     * @param settings for one sequence without beams
     * @param text hears the pieces; an exception from it ends the generation
     */
    public Completion stream(String prompt, GenerationConfig settings, Controls controls, Consumer<String> text) {
        int[] ids = encode(prompt);
        TokenStream stream = tokenizer.stream();
        IntStream.of(ids).forEach(stream::next);
        Controls listening = withStopStrings(settings, controls).withListener(token -> {
            controls.listener().ifPresent(hears -> hears.token(token));
            tell(text, stream.next(token));
        });
        Continuation one = generator.generate(List.of(ids), settings, listening).get(0).get(0);
        tell(text, stream.finish());
        return completion(ids, one);
    }

    /** How many new tokens the model has room for behind a prompt; below 1 if the prompt alone is too long. */
    public int room(String prompt) {
        // The last token is chosen, but not read.
        return generator.positions().orElse(Integer.MAX_VALUE) - encode(prompt).length + 1;
    }

    /** Settings of the folder. */
    public GenerationConfig config() {
        return config;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public void close() {
        model.close();
    }

    /** An end token that the template adds is left out, for the text goes on. */
    private int[] encode(String prompt) {
        Encoding encoding = tokenizer.encode(prompt);
        Vocabularies.requireVectors(NAME, tokenizer, model.identity().spec().tokenTable(), encoding.ids());
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

    /** The new tokens alone could decode without the space before them, so the whole is decoded. */
    private Completion completion(int[] prompt, Continuation continuation) {
        int[] all = IntStream.concat(IntStream.of(prompt), IntStream.of(continuation.ids())).toArray();
        String before = tokenizer.decode(prompt);
        String whole = tokenizer.decode(all);
        String text = whole.startsWith(before)
                ? whole.substring(before.length())
                : tokenizer.decode(continuation.ids());
        return Completion.of(text, continuation);
    }

    private static void tell(Consumer<String> text, String piece) {
        if (!piece.isEmpty()) {
            text.accept(piece);
        }
    }
}
