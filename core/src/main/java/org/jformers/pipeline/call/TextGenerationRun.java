package org.jformers.pipeline.call;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.auto.LoadRequest;
import org.jformers.pipeline.Completion;
import org.jformers.pipeline.PromptOptions;
import org.jformers.pipeline.TextGeneration;
import org.jformers.pipeline.TextOptions;
import org.jformers.text.tokenizer.DecodeOptions;

/**
 * Continues texts and conversations as the reference's pipeline does.
 *
 * <p>Reference: transformers 4.57.6, {@code pipelines/text_generation.py}.
 */
record TextGenerationRun(TextGeneration pipeline)
        implements CalledTask<TextGenerationRun.Call, List<Completion>> {
    static final String FULL = "return_full_text";
    static final String PREFIX = "prefix";

    private static final JsonMapper MAPPER = new JsonMapper();
    private static final TypeReference<List<Map<String, Object>>> MESSAGES = new TypeReference<>() {};
    private static final List<String> OF_TOKENIZER =
            List.of("truncation", "max_length", "padding", "add_special_tokens");
    private static final int LEAST_ANSWER = 32;

    TextGenerationRun(Path folder, LoadRequest request) {
        this(TextGeneration.load(folder, request));
    }

    /** What a call returns: the new text, all of it, or the tokens. */
    private enum Returned { NEW_TEXT, FULL_TEXT, TOKENS }

    /**
     * A call.
     *
     * @param text what is continued, unless it is a conversation
     * @param messages the conversation; empty for a text
     * @param goesOn whether the last message is continued
     * @param ids all of it as tokens
     */
    record Call(
            String text, List<Map<String, Object>> messages, boolean goesOn, int[] ids, Returned returned,
            Options options) implements CalledTask.Call {}

    private record Options(DecodeOptions decoding, GenerationConfig settings, Controls controls) {}

    @Override
    public Call read(CallFields fields) {
        JsonNode inputs = fields.inputs();
        PromptOptions prompt = prompt(fields);
        GenerationConfig settings = settings(fields, prompt);
        Options options = new Options(prompt.decoding(), settings, fields.controls());
        Returned returned = returned(fields);
        Optional<Boolean> continues = fields.find("continue_final_message").map(JsonNode::booleanValue);
        fields.flag("continue_final_message", false);
        boolean hole = hole(fields);
        if (!inputs.isArray()) {
            int[] ids = pipeline.tokens(fields.inputText(), prompt);
            return new Call(
                    fields.inputText(), List.of(), false, hole ? withHole(ids, fields) : ids, returned, options);
        }
        List<Map<String, Object>> messages = messages(fields);
        boolean goesOn = continues.orElseGet(() -> !messages.isEmpty()
                && "assistant".equals(messages.get(messages.size() - 1).get("role")));
        int answer = fields.count("max_new_tokens", 1).orElse(LEAST_ANSWER);
        int[] ids = pipeline.tokens(messages, goesOn, answer);
        return new Call("", messages, goesOn, hole ? withHole(ids, fields) : ids, returned, options);
    }

    private PromptOptions prompt(CallFields fields) {
        CallFields tokenizer = fields.withinOver("tokenizer_encode_kwargs", OF_TOKENIZER);
        TextOptions text = tokenizer.textOptions();
        tokenizer.requireNothingElse();
        String prefix = fields.find(PREFIX).map(value -> fields.text(PREFIX, value)).orElse(pipeline.prefix());
        DecodeOptions.Spaces spaces = fields.flag("clean_up_tokenization_spaces", true)
                ? DecodeOptions.Spaces.TAKEN_OUT
                : DecodeOptions.Spaces.KEPT;
        return new PromptOptions(
                prefix, text, new DecodeOptions(!fields.flag("skip_special_tokens", true), spaces));
    }

    /** Lengths that count the prompt do not count the prefix. */
    private GenerationConfig settings(CallFields fields, PromptOptions prompt) {
        GenerationConfig settings = fields.settings(pipeline.settings());
        GenerationConfig.Builder changed = settings.with();
        fields.find("stop_sequence").ifPresent(stop -> changed.eosTokenId(
                Arrays.stream(pipeline.tokenizer().encodePlain(fields.text("stop_sequence", stop)).ids())
                        .boxed()
                        .toArray(Integer[]::new)));
        if (!prompt.prefix().isEmpty()) {
            int length = (fields.flag("add_special_tokens", false)
                    ? pipeline.tokenizer().encode(prompt.prefix())
                    : pipeline.tokenizer().encodePlain(prompt.prefix())).length();
            settings.maxLength().ifPresent(most -> changed.maxLength(most + length));
            fields.count("min_length", 0).ifPresent(least -> changed.minLength(least + length));
        }
        return changed.build();
    }

    private static Returned returned(CallFields fields) {
        boolean tokens = fields.flag("return_tensors", false);
        if (fields.find(FULL).isPresent() && (fields.find("return_text").isPresent() || tokens)
                || fields.find("return_text").isPresent() && tokens) {
            throw new JformersException("return_full_text, return_text, return_tensors: got several, allowed one");
        }
        return tokens ? Returned.TOKENS : fields.flag(FULL, true) ? Returned.FULL_TEXT : Returned.NEW_TEXT;
    }

    private static boolean hole(CallFields fields) {
        Optional<JsonNode> way = fields.find("handle_long_generation");
        if (way.isPresent() && !"hole".equals(way.get().textValue())) {
            throw fields.wrong("handle_long_generation", way.get(), "hole, or null");
        }
        return way.isPresent();
    }

    /** The last tokens of a prompt, as many as leave room for what is to be written. */
    private int[] withHole(int[] ids, CallFields fields) {
        OptionalInt most = pipeline.most();
        int unsaid = pipeline.settings().maxLength().orElse(20);
        int wanted = fields.count("max_new_tokens", 1)
                .orElse(fields.count("max_length", 1).orElse(unsaid) - ids.length);
        if (wanted < 0 || most.isPresent() && wanted >= most.getAsInt()) {
            throw new JformersException("handle_long_generation: got hole for " + wanted
                    + " new tokens, allowed 0 to less than " + (most.isPresent() ? most.getAsInt() : "any number"));
        }
        int keep = most.isEmpty() ? ids.length : Math.min(ids.length, most.getAsInt() - wanted);
        return Arrays.copyOfRange(ids, ids.length - keep, ids.length);
    }

    private static List<Map<String, Object>> messages(CallFields fields) {
        for (JsonNode message : fields.inputs()) {
            if (!message.isObject()) {
                throw fields.wrong("inputs", message, "a text, or a list of messages with role and content");
            }
        }
        return MAPPER.convertValue(fields.inputs(), MESSAGES);
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
        return written.stream().map(one -> call.returned() == Returned.TOKENS
                ? Map.of("generated_token_ids", tokens(call, one, longest))
                : Map.of("generated_text", generated(call, one))).toList();
    }

    /** Prompt and new tokens; shorter results are filled to the longest. */
    private static int[] tokens(Call call, Completion one, int longest) {
        GenerationConfig settings = call.options().settings();
        int pad = settings.padTokenId().orElse(settings.eosTokenId().stream().findFirst().orElse(0));
        IntStream fill = IntStream.generate(() -> pad).limit(longest - one.ids().length);
        return IntStream.concat(IntStream.concat(IntStream.of(call.ids()), IntStream.of(one.ids())), fill).toArray();
    }

    private static Object generated(Call call, Completion one) {
        if (call.returned() == Returned.NEW_TEXT || call.messages().isEmpty()) {
            return call.returned() == Returned.NEW_TEXT ? one.text() : call.text() + one.text();
        }
        List<Map<String, Object>> messages = new ArrayList<>(call.messages());
        if (call.goesOn()) {
            Map<String, Object> last = messages.remove(messages.size() - 1);
            messages.add(message(Objects.requireNonNull(last.get("role")), last.get("content") + one.text()));
        } else {
            messages.add(message("assistant", one.text()));
        }
        return messages;
    }

    private static Map<String, Object> message(Object role, String content) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }

    @Override
    public List<String> lines(Call call, List<Completion> written) {
        return written.stream().map(one -> generated(call, one).toString()).toList();
    }
}
