package org.jformers.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;

/**
 * A tiny Llama that answers what LangChain4j's tests and ours of services ask: it was overfitted on the conversations
 * in {@code taught/conversations.jsonl} by {@code tools/examples/make_taught_chat.sh}.
 */
final class TaughtChat {
    private TaughtChat() {}

    /** Its folder. */
    static String folder() {
        try {
            return Path.of(TaughtChat.class.getResource("/taught").toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** It says what is likeliest unless a test wants otherwise. */
    static JformersChatModel.Builder builder() {
        return JformersChatModel.builder().model(folder()).temperature(0);
    }

    /** One to which somebody listens, asked as LangChain4j's own tests of listeners ask. */
    static JformersChatModel heard(ChatModelListener listener, double temperature, double topP, int maxTokens) {
        return builder().temperature(temperature).topP(topP).maxOutputTokens(maxTokens).seed(1)
                .defaultRequestParameters(ChatRequestParameters.builder().modelName(folder()).build())
                .listeners(List.of(listener)).build();
    }
}
