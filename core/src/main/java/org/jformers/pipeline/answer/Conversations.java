package org.jformers.pipeline.answer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jformers.text.chat.ChatRequest;
import org.jformers.text.chat.ChatTemplate;
import org.jformers.text.chat.ChatTemplateException;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * The chat templates of a model. They come from its folder alone, never from a request; and what a request says is
 * text, whatever it looks like: special tokens are read only where the template wrote them.
 */
public final class Conversations {
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private final ChatTemplate plain;
    private final ChatTemplate withTools;
    private final String source;

    private Conversations(ChatTemplate plain, ChatTemplate withTools, String source) {
        this.plain = plain;
        this.withTools = withTools;
        this.source = source;
    }

    /** Those of a folder; empty if it has none. */
    public static Optional<Conversations> of(Path folder) {
        return ChatTemplate.source(folder).map(source -> new Conversations(
                ChatTemplate.load(folder),
                ChatTemplate.load(folder, ChatRequest.builder(List.of()).tools(List.of()).build()),
                source));
    }

    /** How functions are called, if the template knows any. */
    public Optional<ToolForm> tools() {
        return ToolForm.of(source);
    }

    /** Whether the template knows a role. */
    public boolean names(String role) {
        return source.contains(role);
    }

    /**
     * The tokens of a conversation up to where the assistant is to begin.
     *
     * @param messages plain data
     * @param tools plain data; empty for no functions
     * @throws ChatTemplateException if the template refuses them
     */
    public int[] tokens(List<?> messages, List<?> tools, Tokenizer tokenizer) {
        ChatRequest.Builder request = ChatRequest.builder(messages).timeLimit(LONGEST);
        return tools.isEmpty()
                ? plain.render(request.build()).encode(tokenizer).ids()
                : withTools.render(request.tools(tools).build()).encode(tokenizer).ids();
    }
}
