package org.jformers.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import java.util.ArrayList;
import java.util.List;
import org.jformers.JformersException;
import org.junit.jupiter.api.AfterEach;

/** LangChain4j's own tests of what listeners hear of streams. */
final class LangChain4jStreamListenerTest extends AbstractStreamingChatModelListenerIT {
    private final List<JformersChatModel> opened = new ArrayList<>();

    @AfterEach
    void free() {
        opened.forEach(JformersChatModel::close);
    }

    private JformersChatModel open(ChatModelListener listener) {
        JformersChatModel model = TaughtChat.heard(listener, temperature(), topP(), maxTokens());
        opened.add(model);
        return model;
    }

    @Override
    protected StreamingChatModel createModel(ChatModelListener listener) {
        return open(listener).streaming();
    }

    @Override
    protected String modelName() {
        return TaughtChat.folder();
    }

    @Override
    protected StreamingChatModel createFailingModel(ChatModelListener listener) {
        JformersChatModel closed = open(listener);
        closed.close();
        return closed.streaming();
    }

    @Override
    protected Class<? extends Exception> expectedExceptionClass() {
        return JformersException.class;
    }
}
