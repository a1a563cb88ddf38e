package org.jformers.pipeline.call;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Completion;
import org.jformers.pipeline.PromptOptions;
import org.jformers.pipeline.Text2TextGeneration;
import org.jformers.text.tokenizer.DecodeOptions;

/**
 * Writes texts for texts as the reference's pipelines do.
 *
 * <p>Reference: transformers 4.57.6, {@code pipelines/text2text_generation.py}.
 *
 * @param name what results are called: {@code summary} for {@code summary_text}
 * @param translates whether calls may name languages
 */
record Text2TextRun(Text2TextGeneration pipeline, String name, boolean translates)
        implements CalledTask<Text2TextRun.Call, List<Completion>> {
    static final String FROM = "src_lang";
    static final String TO = "tgt_lang";

    static Text2TextRun any(Path folder, LoadRequest request) {
        return new Text2TextRun(Text2TextGeneration.load(Text2TextGeneration.ANY, folder, request), "generated", false);
    }

    static Text2TextRun summaries(Path folder, LoadRequest request) {
        return new Text2TextRun(
                Text2TextGeneration.load(Text2TextGeneration.SUMMARIES, folder, request), "summary", false);
    }

    static Text2TextRun translations(Path folder, LoadRequest request) {
        return new Text2TextRun(
                Text2TextGeneration.load(Text2TextGeneration.TRANSLATIONS, folder, request), "translation", true);
    }

    /**
     * A call.
     *
     * @param ids its text as tokens
     * @param tokens whether it returns tokens
     */
    record Call(int[] ids, boolean tokens, Options options) implements CalledTask.Call {}

    private record Options(DecodeOptions decoding, GenerationConfig settings, Controls controls) {}

    /** What a translation is from and to. */
    private record Languages(String from, String to) {}

    @Override
    public Call read(CallFields fields) {
        Optional<Languages> languages = translates ? languages(fields) : Optional.empty();
        boolean marked = languages.isPresent() && pipeline.marksLanguages();
        Optional<String> pair =
                languages.filter(both -> !marked).flatMap(both -> pipeline.pair(both.from(), both.to()));
        if (marked && fields.find("forced_bos_token_id").isPresent()) {
            throw new JformersException("translation: got tgt_lang and forced_bos_token_id, allowed one of them");
        }
        PromptOptions prompt = Text2TextGeneration.PROMPT
                .with(fields.textsCut())
                .with(DecodeOptions.DEFAULT.with(fields.flag("clean_up_tokenization_spaces", false)
                        ? DecodeOptions.Spaces.TAKEN_OUT
                        : DecodeOptions.Spaces.KEPT));
        GenerationConfig base = pair.map(pipeline::settings).orElseGet(pipeline::settings);
        GenerationConfig settings =
                settings(fields, marked ? pipeline.into(languages.get().to(), base) : base);
        // As in the reference, a text that is marked with its language has no prefix.
        int[] ids = marked
                ? pipeline.tokens(fields.inputText(), languages.get().from(), prompt)
                : pipeline.tokens(fields.inputText(),
                        prompt.withPrefix(pair.map(pipeline::prefix).orElseGet(pipeline::prefix)));
        fields.flag("return_text", true); // has no effect, as in the reference
        return new Call(ids, fields.flag("return_tensors", false),
                new Options(prompt.decoding(), settings, fields.controls()));
    }

    private GenerationConfig settings(CallFields fields, GenerationConfig base) {
        GenerationConfig settings = fields.settings(base);
        if (fields.find("stop_sequence").isEmpty()) {
            return settings;
        }
        int[] ids = pipeline.target().encodePlain(fields.requireText("stop_sequence")).ids();
        if (ids.length == 0) {
            throw fields.wrong("stop_sequence", fields.find("stop_sequence").get(), "a text of at least one token");
        }
        return settings.with().eosTokenId(ids[0]).build(); // as in the reference, the first token alone
    }

    private static Optional<Languages> languages(CallFields fields) {
        boolean from = fields.find(FROM).isPresent();
        boolean to = fields.find(TO).isPresent();
        if (from != to) {
            throw new JformersException("translation: got " + (from ? FROM : TO) + " alone, allowed "
                    + FROM + " and " + TO + ", or neither");
        }
        return from ? Optional.of(new Languages(fields.requireText(FROM), fields.requireText(TO))) : Optional.empty();
    }

    @Override
    public List<List<Completion>> answer(List<Call> calls) {
        Options options = calls.get(0).options();
        return pipeline.write(calls.stream().map(Call::ids).toList(), options.decoding(), options.settings(),
                options.controls());
    }

    @Override
    public Object json(Call call, List<Completion> written) {
        int longest = written.stream().mapToInt(one -> one.ids().length).max().orElse(0);
        return written.stream().map(one -> call.tokens()
                ? Map.of(name + "_token_ids", tokens(call.options().settings(), one, longest))
                : Map.of(name + "_text", one.text())).toList();
    }

    /** The start token and what was written; shorter results are filled to the longest. */
    private static int[] tokens(GenerationConfig settings, Completion one, int longest) {
        int start = settings.decoderStartTokenId().orElseGet(() -> settings.bosTokenId().orElseThrow());
        int pad = settings.padTokenId().orElse(settings.eosTokenId().stream().findFirst().orElse(0));
        IntStream fill = IntStream.generate(() -> pad).limit(longest - one.ids().length);
        return IntStream.concat(IntStream.concat(IntStream.of(start), IntStream.of(one.ids())), fill).toArray();
    }

    @Override
    public List<String> lines(Call call, List<Completion> written) {
        return written.stream().map(Completion::text).toList();
    }
}
