package org.jformers.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.CustomMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.jformers.JformersException;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a request says reaches a model that writes until it is told to stop, or is refused by name. */
final class ChatModelTest {
    private static final String QUESTION = "A volcano?";
    private static final ToolSpecification WEATHER = ToolSpecification.builder()
            .name("weather").description("The weather of a place")
            .parameters(JsonObjectSchema.builder().addStringProperty("place").required("place").build())
            .build();

    @TempDir
    private static Path folder;

    private static Path files;
    private static JformersChatModel model;

    @BeforeAll
    static void load() throws IOException {
        files = TinyChat.llama(folder);
        model = JformersChatModel.builder().model(files.toString()).maxOutputTokens(8).seed(3).build();
    }

    @AfterAll
    static void free() {
        model.close();
    }

    private static ChatRequest.Builder request(ChatMessage... messages) {
        return ChatRequest.builder().messages(messages);
    }

    private static ChatResponse answer(ChatRequestParameters parameters) {
        return model.chat(request(UserMessage.from(QUESTION)).parameters(parameters).build());
    }

    @Test
    void saysWhatTheAnswerTook() {
        ChatResponse answer = model.chat(request(UserMessage.from(QUESTION)).build());
        assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(answer.tokenUsage().outputTokenCount()).isEqualTo(8);
        assertThat(answer.tokenUsage().inputTokenCount()).isEqualTo(
                TinyChat.tokenizer().encode(prompt(QUESTION)).length());
        assertThat(answer.modelName()).isEqualTo(files.toString());
        assertThat(answer.id()).isNotBlank();
        assertThat(answer.aiMessage().text()).isNotEmpty();
    }

    private static String prompt(String question) {
        return "<|im_start|>user\n" + question + "<|im_end|>\n<|im_start|>assistant\n";
    }

    @Test
    void parametersOfARequestCount() {
        ChatRequestParameters cold = ChatRequestParameters.builder().temperature(0.0).maxOutputTokens(12).build();
        ChatResponse likeliest = answer(cold);
        assertThat(likeliest.tokenUsage().outputTokenCount()).isEqualTo(12);
        String text = likeliest.aiMessage().text();
        // Of one token there is nothing to draw.
        assertThat(answer(ChatRequestParameters.builder().topK(1).maxOutputTokens(12).build()).aiMessage().text())
                .isEqualTo(text);
        assertThat(answer(ChatRequestParameters.builder().topP(0.0).maxOutputTokens(12).build()).aiMessage().text())
                .isEqualTo(text);
        assertThat(answer(ChatRequestParameters.builder().maxOutputTokens(12).build()).aiMessage().text())
                .isNotEqualTo(text);
        String stop = text.substring(3, 5);
        ChatResponse stopped = answer(ChatRequestParameters.builder().overrideWith(cold).stopSequences(stop).build());
        assertThat(stopped.aiMessage().text()).isEqualTo(text.substring(0, text.indexOf(stop)));
        assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void penaltiesKeepTokensFromComingAgain() {
        for (ChatRequestParameters punished : List.of(
                ChatRequestParameters.builder().temperature(0.0).maxOutputTokens(60).presencePenalty(2.0).build(),
                ChatRequestParameters.builder().temperature(0.0).maxOutputTokens(60).frequencyPenalty(2.0).build())) {
            String plain = answer(ChatRequestParameters.builder().temperature(0.0).maxOutputTokens(60).build())
                    .aiMessage().text();
            assertThat(answer(punished).aiMessage().text()).isNotEqualTo(plain);
        }
    }

    @Test
    void aSeedGivesTheSameAnswerToTheSameRequest() {
        ChatRequestParameters drawn = ChatRequestParameters.builder().temperature(1.5).build();
        assertThat(answer(drawn).aiMessage()).isEqualTo(answer(drawn).aiMessage());
    }

    @Test
    void answersFillTheRoomThatThereIs(@TempDir Path other) throws Exception {
        try (JformersChatModel small = JformersChatModel.builder().model(TinyChat.gpt2(other).toString()).build()) {
            ChatResponse answer = small.chat(
                    request(UserMessage.from(QUESTION)).maxOutputTokens(10_000).build());
            assertThat(answer.tokenUsage().totalTokenCount()).isEqualTo(64 + 1); // the last one is not read
            assertThat(answer.finishReason()).isEqualTo(FinishReason.LENGTH);
            String message = "tokens, allowed up to 64, as many as the model has positions";
            assertThatThrownBy(() -> small.chat(QUESTION.repeat(20))).isInstanceOf(JformersException.class)
                    .hasMessageContaining(message);
            Heard heard = new Heard(Integer.MAX_VALUE);
            small.streaming().chat(QUESTION.repeat(20), heard);
            assertThatThrownBy(() -> heard.whole.get(120, TimeUnit.SECONDS)).rootCause()
                    .isInstanceOf(JformersException.class).hasMessageContaining(message);
        }
    }

    @Test
    void whatIsNotSupportedIsRefusedByName() {
        refused(ChatRequestParameters.builder().modelName("other").build(), "modelName");
        refused(ChatRequestParameters.builder().responseFormat(ResponseFormat.JSON).build(), "responseFormat");
        refused(ChatRequestParameters.builder().toolSpecifications(WEATHER).toolChoice(ToolChoice.REQUIRED).build(),
                "toolChoice");
        refused(ChatRequestParameters.builder().toolSpecifications(WEATHER.toBuilder().strict(true).build()).build(),
                "strict");
        for (ChatMessage message : List.of(
                UserMessage.from(TextContent.from("this?"), ImageContent.from("http://localhost/cat.png")),
                CustomMessage.from(Map.of("a", "b")))) {
            assertThatThrownBy(() -> model.chat(message)).isExactlyInstanceOf(UnsupportedFeatureException.class)
                    .hasMessageContaining("messages: ").hasMessageContaining("not supported");
        }
        assertThatThrownBy(() -> JformersChatModel.builder().model(files.toString()).defaultRequestParameters(
                ChatRequestParameters.builder().responseFormat(ResponseFormat.JSON).build()).build())
                .isExactlyInstanceOf(UnsupportedFeatureException.class);
    }

    private static void refused(ChatRequestParameters parameters, String name) {
        for (boolean streamed : new boolean[] {false, true}) {
            assertThatThrownBy(() -> {
                ChatRequest request = request(UserMessage.from(QUESTION)).parameters(parameters).build();
                if (streamed) {
                    model.streaming().chat(request, new Heard(Integer.MAX_VALUE));
                } else {
                    model.chat(request);
                }
            }).isExactlyInstanceOf(UnsupportedFeatureException.class)
                    .hasMessageContaining(name).hasMessageContaining("not supported");
        }
    }

    @Test
    void numbersOutOfRangeAreRefused() {
        Map.of("temperature: got 2.5, allowed 0.0 to 2.0", ChatRequestParameters.builder().temperature(2.5).build(),
                "topP: got -0.1, allowed 0.0 to 1.0", ChatRequestParameters.builder().topP(-0.1).build(),
                "topK: got -1, allowed 0 or more", ChatRequestParameters.builder().topK(-1).build(),
                "presencePenalty: got NaN", ChatRequestParameters.builder().presencePenalty(Double.NaN).build(),
                "frequencyPenalty: got 3.0", ChatRequestParameters.builder().frequencyPenalty(3.0).build(),
                "stopSequences: got an empty text", ChatRequestParameters.builder().stopSequences("").build())
                .forEach((message, parameters) -> assertThatThrownBy(() -> answer(parameters))
                        .isInstanceOf(JformersException.class).hasMessageContaining(message));
    }

    @Test
    void aModelWithoutTemplateIsRefused(@TempDir Path other) throws IOException {
        TinyChat.llama(other);
        Files.delete(other.resolve("chat_template.jinja"));
        assertThatThrownBy(() -> JformersChatModel.builder().model(other.toString()).build())
                .isInstanceOf(JformersException.class).hasMessageContaining("has no chat template");
    }

    @Test
    void toolsAreForTemplatesThatKnowThem(@TempDir Path other) throws IOException {
        TinyChat.llama(other);
        Files.writeString(other.resolve("chat_template.jinja"),
                "{% for message in messages %}{{ message.role + message.content }}{% endfor %}");
        try (JformersChatModel plain = JformersChatModel.builder().model(other.toString()).build()) {
            ToolExecutionRequest call = ToolExecutionRequest.builder().name("weather").arguments("{}").build();
            for (ChatRequest request : List.of(
                    request(UserMessage.from(QUESTION)).toolSpecifications(WEATHER).build(),
                    request(UserMessage.from(QUESTION), AiMessage.from(call),
                            ToolExecutionResultMessage.from(call, "sun")).build())) {
                assertThatThrownBy(() -> plain.chat(request)).isExactlyInstanceOf(UnsupportedFeatureException.class)
                        .hasMessageContaining("tools are not supported by " + other);
            }
        }
    }

    @Test
    void toolsReachThePromptUnlessNoneIsToBeCalled() {
        int without = answer(ChatRequestParameters.builder().build()).tokenUsage().inputTokenCount();
        ChatRequestParameters with = ChatRequestParameters.builder().toolSpecifications(WEATHER).build();
        String written = "<|im_start|>system\n{\"type\": \"function\", \"function\": {\"name\": \"weather\", "
                + "\"description\": \"The weather of a place\", \"parameters\": {\"type\": \"object\", \"properties\": "
                + "{\"place\": {\"type\": \"string\"}}, \"required\": [\"place\"]}}} "
                + "Call them as <tool_call>{\"name\": ...}</tool_call>.<|im_end|>\n";
        assertThat(answer(with).tokenUsage().inputTokenCount())
                .isEqualTo(TinyChat.tokenizer().encode(written + prompt(QUESTION)).length());
        assertThat(answer(ChatRequestParameters.builder().overrideWith(with).toolChoice(ToolChoice.NONE).build())
                .tokenUsage().inputTokenCount()).isEqualTo(without);
    }

    @Test
    void streamsWhatAWholeAnswerSays() throws Exception {
        ChatRequest request = request(SystemMessage.from("You know."), UserMessage.from(QUESTION)).build();
        Heard heard = new Heard(Integer.MAX_VALUE);
        model.streaming().chat(request, heard);
        ChatResponse streamed = heard.whole.get(120, TimeUnit.SECONDS);
        ChatResponse whole = model.chat(request);
        assertThat(streamed.aiMessage()).isEqualTo(whole.aiMessage());
        assertThat(streamed.tokenUsage()).isEqualTo(whole.tokenUsage());
        assertThat(String.join("", heard.pieces)).isEqualTo(whole.aiMessage().text());
        assertThat(heard.pieces).hasSizeGreaterThan(2);
    }

    @Test
    void aCancelledStreamEndsAndIsNotHeardAnyMore() throws Exception {
        Heard heard = new Heard(3);
        model.streaming().chat(request(UserMessage.from(QUESTION)).maxOutputTokens(2_000).build(), heard);
        assertThat(heard.cancelled.await(120, TimeUnit.SECONDS)).isTrue();
        // One that comes behind it ends before it would have.
        Heard next = new Heard(Integer.MAX_VALUE);
        model.streaming().chat(request(UserMessage.from(QUESTION)).build(), next);
        next.whole.get(120, TimeUnit.SECONDS);
        assertThat(heard.pieces).hasSize(3);
        assertThat(heard.whole).isNotDone();
    }

    @Test
    void callersOfSeveralThreadsGetTheirOwn() {
        List<String> questions = IntStream.range(0, 12).mapToObj(i -> QUESTION.repeat(i % 4 + 1)).toList();
        List<String> alone = questions.stream().map(model::chat).toList();
        List<CompletableFuture<String>> all = questions.stream()
                .map(question -> CompletableFuture.supplyAsync(() -> model.chat(question))).toList();
        assertThat(all.stream().map(CompletableFuture::join).toList()).isEqualTo(alone);
    }

    @Test
    void closingFreesTheModelAndEndsWhatIsWritten(@TempDir Path other) throws Exception {
        TinyChat.llama(other);
        closedWhileItWrites(other); // what is made once stays
        long before = nativeObjects();
        JformersChatModel closed = closedWhileItWrites(other);
        assertThat(nativeObjectsDownTo(before)).isLessThanOrEqualTo(before);
        assertThatThrownBy(() -> closed.chat(QUESTION)).isInstanceOf(JformersException.class)
                .hasMessageContaining("closed");
        assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName))
                .doesNotContain("jformers-engine-" + other);
    }

    /** Handles that borrow something go with the collector. */
    private static long nativeObjects() {
        System.gc();
        return Pointer.totalCount();
    }

    /** The same when the engine's thread has ended, which closing does not wait for. */
    private static long nativeObjectsDownTo(long most) throws InterruptedException {
        long count = nativeObjects();
        for (int i = 0; i < 100 && count > most; i++) {
            Thread.sleep(100);
            count = nativeObjects();
        }
        return count;
    }

    private static JformersChatModel closedWhileItWrites(Path other) throws InterruptedException {
        JformersChatModel closed = JformersChatModel.builder().model(other.toString()).build();
        Heard heard = new Heard(Integer.MAX_VALUE);
        closed.streaming().chat(request(UserMessage.from(QUESTION)).maxOutputTokens(100_000).build(), heard);
        assertThat(heard.begun.await(120, TimeUnit.SECONDS)).isTrue();
        closed.close();
        assertThatThrownBy(() -> heard.whole.get(120, TimeUnit.SECONDS)).isNotNull();
        return closed;
    }

    /** What a stream tells; cancels it with a piece. */
    private static final class Heard implements StreamingChatResponseHandler {
        private final List<String> pieces = new ArrayList<>();
        private final CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch cancelled = new CountDownLatch(1);
        private final AtomicInteger left;

        Heard(int last) {
            left = new AtomicInteger(last);
        }

        @Override
        public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            pieces.add(piece.text());
            begun.countDown();
            if (left.decrementAndGet() == 0) {
                context.streamingHandle().cancel();
                cancelled.countDown();
            }
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            whole.complete(response);
        }

        @Override
        public void onError(Throwable error) {
            whole.completeExceptionally(error);
        }
    }
}
