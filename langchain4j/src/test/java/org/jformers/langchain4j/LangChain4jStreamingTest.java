package org.jformers.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.io.TempDir;

/**
 * LangChain4j's own tests of streams, but for those where what the model says decides: this one was trained on nothing.
 */
final class LangChain4jStreamingTest extends AbstractStreamingChatModelIT {
    private static final String CONTENT = "what the model says decides";

    @TempDir
    private static Path folder;

    private final List<JformersChatModel> opened = new ArrayList<>();

    @BeforeAll
    static void make() throws IOException {
        TinyChat.llama(folder);
    }

    @AfterAll
    void free() {
        opened.forEach(JformersChatModel::close);
    }

    private JformersChatModel open(ChatRequestParameters parameters) {
        JformersChatModel model = JformersChatModel.builder()
                .model(folder.toString()).seed(3).defaultRequestParameters(parameters).build();
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

    /** None: those tests want an answer with a word in it. */
    @Override
    public StreamingChatModel createModelWith(ChatModelListener listener) {
        return null;
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

    @Override
    @Disabled(CONTENT)
    protected void should_respect_user_message(StreamingChatModel model) {
        super.should_respect_user_message(model);
    }

    @Override
    @Disabled(CONTENT)
    protected void should_respect_system_message(StreamingChatModel model) {
        super.should_respect_system_message(model);
    }

    @Override
    @Disabled(CONTENT)
    protected void should_respect_multiple_messages(StreamingChatModel model) {
        super.should_respect_multiple_messages(model);
    }

    @Override
    @Disabled(CONTENT)
    protected void should_respect_stopSequences_in_chat_request(StreamingChatModel model) {
        super.should_respect_stopSequences_in_chat_request(model);
    }

    @Override
    @Disabled(CONTENT)
    protected void should_execute_a_tool_then_answer(StreamingChatModel model) {
        super.should_execute_a_tool_then_answer(model);
    }

    @Override
    @Disabled(CONTENT)
    protected void should_execute_a_tool_without_arguments_then_answer(StreamingChatModel model) {
        super.should_execute_a_tool_without_arguments_then_answer(model);
    }

    @Override
    @Disabled(CONTENT)
    protected void should_execute_multiple_tools_in_parallel_then_answer(StreamingChatModel model) {
        super.should_execute_multiple_tools_in_parallel_then_answer(model);
    }

    @Override
    @Disabled(CONTENT)
    protected void should_respect_stopSequences_in_default_model_parameters() {
        super.should_respect_stopSequences_in_default_model_parameters();
    }
}
