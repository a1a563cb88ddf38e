package org.jformers.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.mockito.InOrder;

/** LangChain4j's own tests of streams, with a model that was taught what they ask. */
final class LangChain4jStreamingTest extends AbstractStreamingChatModelIT {
    private final List<JformersChatModel> opened = new ArrayList<>();

    @AfterAll
    void free() {
        opened.forEach(JformersChatModel::close);
    }

    private JformersChatModel open(ChatRequestParameters parameters) {
        JformersChatModel model = TaughtChat.builder().defaultRequestParameters(parameters).build();
        opened.add(model);
        return model;
    }

    @Override
    protected List<StreamingChatModel> models() {
        return List.of(open(ChatRequestParameters.builder().build()).streaming());
    }

    @Override
    protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
        return open(parameters).streaming();
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return createParameters(maxOutputTokens);
    }

    @Override
    public StreamingChatModel createModelWith(ChatModelListener listener) {
        JformersChatModel model = TaughtChat.builder().listeners(List.of(listener)).build();
        opened.add(model);
        return model.streaming();
    }

    @Override
    protected void verifyToolCallbacks(StreamingChatResponseHandler handler, InOrder order, String id) {
        order.verify(handler).onCompleteToolCall(complete(0, id, "getWeather", "{\"city\":\"Munich\"}"));
    }

    @Override
    protected void verifyToolCallbacks(StreamingChatResponseHandler handler, InOrder order, String id, String other) {
        verifyToolCallbacks(handler, order, id);
        order.verify(handler).onCompleteToolCall(complete(1, other, "getTime", "{\"country\":\"France\"}"));
    }

    /** It is heard of by waiting half a minute; ChatModelTest waits for what comes next. */
    @Override
    protected boolean supportsStreamingCancellation() {
        return false;
    }

    @Override
    protected boolean supportsPartialToolStreaming(StreamingChatModel model) {
        return false;
    }

    @Override
    protected boolean supportsModelNameParameter() {
        return false;
    }

    @Override
    protected boolean supportsToolChoiceRequired() {
        return false;
    }

    @Override
    protected boolean supportsJsonResponseFormat() {
        return false;
    }

    @Override
    protected boolean supportsJsonResponseFormatWithSchema() {
        return false;
    }

    @Override
    protected boolean supportsJsonResponseFormatWithRawSchema() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsBase64EncodedString() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsPublicURL() {
        return false;
    }
}
