package org.jformers.text.chat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jformers.text.WorkBudget;
import org.jformers.text.WorkLimitException;

/**
 * A chat template: it writes a conversation as the text that a model was trained on.
 *
 * <p>Reference: Jinja 3.1 as transformers sets it up for {@code apply_chat_template}. The engine here knows nothing but
 * plain data: no reflection, no files, no other templates. Work, output and nesting are limited, so that any template
 * ends, soon, with a text or an error.
 *
 * <p>Immutable; may be shared by any number of threads.
 */
public final class ChatTemplate {
    /** Characters of a template; those of public models have some ten thousand at most. */
    private static final int LONGEST = 1_000_000;

    private final Parser.Parsed parsed;
    private final Map<String, String> tokens;

    private ChatTemplate(Parser.Parsed parsed, Map<String, String> tokens) {
        this.parsed = parsed;
        this.tokens = tokens;
    }

    /**
     * Reads a template.
     *
     * @throws ChatTemplateException if it is wrong; the message names the line
     */
    public static ChatTemplate parse(String source) {
        return parse(source, Map.of());
    }

    /**
     * Reads a template that knows tokens.
     *
     * @param tokens what {@code bos_token}, {@code eos_token} and their like are
     * @throws ChatTemplateException if it is wrong; the message names the line
     */
    public static ChatTemplate parse(String source, Map<String, String> tokens) {
        if (source.length() > LONGEST) {
            throw new ChatTemplateException("a chat template has " + source.length()
                    + " characters, allowed are " + LONGEST);
        }
        try {
            return new ChatTemplate(Parser.parse(source), Map.copyOf(tokens));
        } catch (ChatTemplateException e) {
            throw new ChatTemplateException("chat template, " + e.getMessage(), e);
        }
    }

    /**
     * Loads the template of a model folder.
     *
     * @throws ChatTemplateException if there is none or it is wrong
     */
    public static ChatTemplate load(Path folder) {
        return ChatTemplateFolder.load(folder, "default");
    }

    /**
     * Loads the template of a model folder that is meant for a conversation: where there are tools, the one that is
     * called {@code tool_use}, if the folder has it, and otherwise the default one.
     *
     * @throws ChatTemplateException if there is none or it is wrong
     */
    public static ChatTemplate load(Path folder, ChatRequest request) {
        return ChatTemplateFolder.load(folder, request.tools().isPresent());
    }

    /**
     * Loads one of several templates of a model folder, such as {@code tool_use} or {@code rag}.
     *
     * @throws ChatTemplateException if there is none with this name or it is wrong
     */
    public static ChatTemplate load(Path folder, String name) {
        return ChatTemplateFolder.load(folder, name);
    }

    /** The text of the template of a model folder; empty if there is none. */
    public static Optional<String> source(Path folder) {
        return ChatTemplateFolder.source(folder);
    }

    /** Whether it marks what the assistant said, with {@code generation}; see {@link Rendering#generated}. */
    public boolean marksAnswers() {
        return parsed.marksAnswers();
    }

    /**
     * Renders a conversation.
     *
     * @throws ChatTemplateException if the template refuses it, fails, or exceeds a limit; the message names the line
     */
    public Rendering render(ChatRequest request) {
        WorkBudget budget = request.timeLimit().map(Meter.budget()::within).orElseGet(Meter::budget);
        return render(request, new Meter(budget));
    }

    /**
     * Renders a whole conversation and says where it is what the assistant said, for training on that alone: as the
     * template marks it, or else by rendering the conversation up to each answer and up to its end.
     *
     * @throws ChatTemplateException as {@link #render}, and if the template changes what it wrote when more follows
     */
    public Rendering renderAnswers(ChatRequest request) {
        return AnswerMarks.of(this, request);
    }

    Rendering render(ChatRequest request, Meter meter) {
        Map<String, Value> variables = new LinkedHashMap<>();
        request.variables().forEach((name, value) -> variables.put(name, PlainData.of(value)));
        variables.put("messages", PlainData.messages(request.messages()));
        variables.put("tools", PlainData.of(request.tools().orElse(null)));
        variables.put("documents", PlainData.of(request.documents().orElse(null)));
        variables.put("add_generation_prompt", Value.of(request.addGenerationPrompt()));
        Scope globals = Scope.outermost();
        Globals.define(globals);
        globals.set("self", new Blocks(parsed.blocks()));
        Scope scope = globals.inner();
        tokens.forEach((name, token) -> scope.set(name, Str.of(token)));
        variables.forEach(scope::set);
        return render(new Run(meter, request.now(), scope.inner()));
    }

    private Rendering render(Run run) {
        try {
            Statement.renderAll(parsed.statements(), run);
            return new Rendering(run.root().build().segments(run.meter()), run.generated());
        } catch (ChatTemplateException | WorkLimitException e) {
            throw new ChatTemplateException(
                    "chat template, line " + run.meter().line() + ": " + e.getMessage(), e);
        }
    }
}
