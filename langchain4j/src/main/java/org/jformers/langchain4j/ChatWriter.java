package org.jformers.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jformers.JformersException;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Controls;
import org.jformers.generation.EngineSettings;
import org.jformers.generation.GenerationConfig;
import org.jformers.model.Model;
import org.jformers.model.auto.AutoModel;
import org.jformers.pipeline.LoadOptions;
import org.jformers.pipeline.TextGeneration;
import org.jformers.pipeline.answer.AnswerRequest;
import org.jformers.pipeline.answer.Conversations;
import org.jformers.pipeline.answer.Draws;
import org.jformers.pipeline.answer.EngineThread;
import org.jformers.pipeline.answer.ToolText;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jspecify.annotations.Nullable;

/** A model with its chat template, and the engine that writes the answers of all who ask. */
final class ChatWriter implements AutoCloseable {
    private static final int USUAL_TOKENS = 4_096;
    private static final double HOTTEST = 2;
    private static final double LARGEST_PENALTY = 2;

    private final String name;
    private final Model model;
    private final TextGeneration pipeline;
    private final Conversations template;
    private final OptionalLong seed;
    private final EngineThread engine;

    private ChatWriter(
            String name, Model model, TextGeneration pipeline, Conversations template, OptionalLong seed) {
        this.name = name;
        this.model = model;
        this.pipeline = pipeline;
        this.template = template;
        this.seed = seed;
        engine = new EngineThread(name, model, EngineSettings.DEFAULT, Optional.empty());
    }

    /** Loads a model that knows a chat template. */
    static ChatWriter load(String name, UnaryOperator<LoadOptions> options, OptionalLong seed) {
        LoadOptions chosen = options.apply(LoadOptions.DEFAULT);
        Path folder = chosen.folder(name);
        Conversations template = Conversations.of(folder).orElseThrow(() -> new JformersException(
                "chat: got " + name + ", which has no chat template, allowed models with one"));
        Model model = AutoModel.load(folder, chosen.request().forInference()).model();
        try {
            TextGeneration pipeline =
                    new TextGeneration(model, AutoTokenizer.load(folder), GenerationConfig.load(folder));
            return new ChatWriter(name, model, pipeline, template, seed);
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /** Refuses what is not supported, and numbers out of their range. */
    void check(ChatRequest request) {
        check(request.parameters());
        TemplateMessages.of(request.messages());
        boolean calls = request.messages().stream().anyMatch(TemplateMessages::isAboutTools);
        if (calls && template.tools().isEmpty()) {
            throw noTools();
        }
    }

    /** The same of parameters alone. */
    void check(ChatRequestParameters parameters) {
        if (parameters.modelName() != null && !parameters.modelName().equals(name)) {
            throw new UnsupportedFeatureException("modelName: got " + parameters.modelName() + ", allowed " + name
                    + "; requests for another model are not supported");
        }
        if (parameters.responseFormat() != null && parameters.responseFormat().type() == ResponseFormatType.JSON) {
            throw new UnsupportedFeatureException(
                    "responseFormat: JSON response format is not supported, allowed text");
        }
        if (parameters.toolChoice() == ToolChoice.REQUIRED) {
            throw new UnsupportedFeatureException(
                    "toolChoice: ToolChoice.REQUIRED is not supported, for nothing forces a call; allowed AUTO, NONE");
        }
        List<ToolSpecification> tools = orEmpty(parameters.toolSpecifications());
        if (!tools.isEmpty() && template.tools().isEmpty()) {
            throw noTools();
        }
        TemplateMessages.ofTools(tools);
        within("temperature", parameters.temperature(), 0, HOTTEST);
        within("topP", parameters.topP(), 0, 1);
        within("topK", parameters.topK(), 0, Integer.MAX_VALUE);
        within("frequencyPenalty", parameters.frequencyPenalty(), -LARGEST_PENALTY, LARGEST_PENALTY);
        within("presencePenalty", parameters.presencePenalty(), -LARGEST_PENALTY, LARGEST_PENALTY);
        within("maxOutputTokens", parameters.maxOutputTokens(), 1, Integer.MAX_VALUE);
        if (orEmpty(parameters.stopSequences()).contains("")) {
            throw new JformersException("stopSequences: got an empty text, allowed texts of at least one character");
        }
    }

    private UnsupportedFeatureException noTools() {
        return new UnsupportedFeatureException("toolSpecifications: tools are not supported by " + name
                + ", whose template knows none, or calls them in a form that is not known");
    }

    private static void within(String name, @Nullable Number value, double least, double most) {
        if (value != null && !(value.doubleValue() >= least && value.doubleValue() <= most)) {
            throw new JformersException(name + ": got " + value + ", allowed " + (value instanceof Integer
                    ? (int) least + (most == Integer.MAX_VALUE ? " or more" : " to " + (int) most)
                    : least + " to " + most));
        }
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    /**
     * Begins an answer to a request that was checked.
     *
     * @param cancellation ends it from outside
     * @throws JformersException if the template refuses the conversation, there is no room for an answer, or this is
     *     closed
     */
    ChatTurn begin(ChatRequest request, Cancellation cancellation) {
        ChatRequestParameters parameters = request.parameters();
        List<ToolSpecification> tools = parameters.toolChoice() == ToolChoice.NONE
                ? List.of()
                : orEmpty(parameters.toolSpecifications());
        int[] prompt = prompt(request.messages(), tools);
        ChatTurn turn = new ChatTurn(name, prompt.length,
                new ToolText(tools.isEmpty() ? Optional.empty() : template.tools()), cancellation);
        Controls controls = Controls.NONE.withRule(cancellation);
        if (seed.isPresent()) {
            controls = controls.withSeed(seed.getAsLong());
        }
        engine.answer(answer(prompt, parameters), pipeline.tokenizer(), controls, turn::add)
                .whenComplete((last, failure) -> {
                    if (failure == null) {
                        turn.add(last);
                    } else {
                        turn.fail(failure);
                    }
                });
        return turn;
    }

    /** The tokens of a conversation up to where the assistant is to begin. */
    int[] prompt(List<ChatMessage> messages, List<ToolSpecification> tools) {
        List<Map<String, Object>> conversation = TemplateMessages.of(messages);
        return template.tokens(conversation, TemplateMessages.ofTools(tools), pipeline.tokenizer());
    }

    private AnswerRequest answer(int[] prompt, ChatRequestParameters parameters) {
        // The last token is chosen, but not read.
        int room = model.identity().spec().room().orElse(Integer.MAX_VALUE) - prompt.length + 1;
        if (room < 1) {
            throw new JformersException("chat: got a prompt of " + prompt.length + " tokens, allowed up to "
                    + model.identity().spec().room().getAsInt() + ", as many as the model has positions");
        }
        Draws draws = new Draws(number(parameters.temperature()), number(parameters.topP()),
                parameters.topK() == null ? OptionalInt.empty() : OptionalInt.of(parameters.topK()),
                OptionalDouble.empty());
        int most = parameters.maxOutputTokens() == null ? USUAL_TOKENS : parameters.maxOutputTokens();
        List<String> stops = new ArrayList<>(orEmpty(parameters.stopSequences()));
        stops.addAll(pipeline.config().stopStrings());
        return new AnswerRequest(
                0, prompt, draws.on(pipeline.config()).maxNewTokens(Math.min(most, room)).build(),
                new AnswerRequest.Penalties(
                        number(parameters.presencePenalty()).orElse(0),
                        number(parameters.frequencyPenalty()).orElse(0)),
                stops);
    }

    private static OptionalDouble number(@Nullable Double value) {
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** Ends what is written, with an error, and frees the model. */
    @Override
    public void close() {
        engine.close();
        pipeline.close();
    }
}
