package org.jformers.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;

/** LangChain4j's own tests of answers, with a model that was taught what they ask. */
final class LangChain4jChatTest extends AbstractChatModelIT {
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
    protected List<ChatModel> models() {
        return List.of(open(ChatRequestParameters.builder().build()));
    }

    @Override
    protected ChatModel createModelWith(ChatRequestParameters parameters) {
        return open(parameters);
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return createParameters(maxOutputTokens);
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
