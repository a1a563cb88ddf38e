package org.jformers.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.rag.content.retriever.EmbeddingStoreContentRetriever;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jformers.pipeline.Embeddings;
import org.jformers.pipeline.Reranking;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application: texts by their vectors, a memory, a service; with models that were trained on nothing. */
final class RetrievalTest {
    private static final List<String> TEXTS =
            List.of("A volcano is a mountain.", "Carrots are sown in spring.", "The system says what a user may do.");

    @TempDir
    private Path folder;

    /** What the application calls. */
    interface Guide {
        @dev.langchain4j.service.SystemMessage("You are a guide.")
        String answer(String question);
    }

    @Test
    void whatIsRetrievedAndRememberedReachesTheModel() throws IOException {
        String chat = TinyChat.llama(folder.resolve("chat")).toString();
        String vectors = TinyChat.reader(folder.resolve("vectors")).toString();
        List<List<ChatMessage>> heard = new ArrayList<>();
        List<Integer> read = new ArrayList<>();
        ChatModelListener listener = new ChatModelListener() {
            @Override
            public void onRequest(ChatModelRequestContext context) {
                heard.add(context.chatRequest().messages());
            }

            @Override
            public void onResponse(ChatModelResponseContext context) {
                read.add(context.chatResponse().tokenUsage().inputTokenCount());
            }
        };
        try (JformersEmbeddingModel embedding = JformersEmbeddingModel.builder().model(vectors).build();
                JformersChatModel model = JformersChatModel.builder()
                        .model(chat).maxOutputTokens(6).seed(1).listeners(List.of(listener)).build()) {
            InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
            List<TextSegment> segments = TEXTS.stream().map(TextSegment::from).toList();
            store.addAll(embedding.embedAll(segments).content(), segments);
            Guide guide = AiServices.builder(Guide.class)
                    .chatModel(model)
                    .chatMemory(MessageWindowChatMemory.withMaxMessages(10))
                    .contentRetriever(EmbeddingStoreContentRetriever.builder()
                            .embeddingStore(store).embeddingModel(embedding).maxResults(1).build())
                    .build();
            String first = guide.answer(TEXTS.get(1));
            guide.answer(TEXTS.get(2));

            assertThat(heard).hasSize(2);
            assertThat(heard.get(0).get(0)).isEqualTo(SystemMessage.from("You are a guide."));
            // A text is nearest to itself.
            assertThat(((UserMessage) heard.get(0).get(1)).singleText())
                    .startsWith(TEXTS.get(1)).endsWith("\n" + TEXTS.get(1)).doesNotContain(TEXTS.get(0));
            assertThat(heard.get(1)).hasSize(4);
            assertThat(heard.get(1).get(2)).isEqualTo(AiMessage.from(first));
            assertThat(((UserMessage) heard.get(1).get(3)).singleText()).endsWith("\n" + TEXTS.get(2));
            JformersTokenCountEstimator counts = JformersTokenCountEstimator.of(chat);
            assertThat(read).isEqualTo(heard.stream().map(counts::estimateTokenCountInMessages).toList());
        }
    }

    @Test
    void countsTokensAsTheTemplateWritesThem() throws IOException {
        JformersTokenCountEstimator counts =
                JformersTokenCountEstimator.of(TinyChat.llama(folder.resolve("chat")).toString());
        int text = TinyChat.tokenizer().encode("A volcano?").length();
        assertThat(counts.estimateTokenCountInText("A volcano?")).isEqualTo(text);
        assertThat(counts.estimateTokenCountInMessage(UserMessage.from("A volcano?"))).isEqualTo(
                TinyChat.tokenizer().encode("<|im_start|>user\nA volcano?<|im_end|>\n").length());
        JformersTokenCountEstimator plain =
                JformersTokenCountEstimator.of(TinyChat.reader(folder.resolve("reader")).toString());
        assertThat(plain.estimateTokenCountInMessages(List.of(UserMessage.from("A volcano?"),
                AiMessage.from("A volcano?")))).isEqualTo(2 * text);
    }

    @Test
    void vectorsAndScoresAreThoseOfThePipelines() throws IOException {
        Path vectors = TinyChat.reader(folder.resolve("vectors"));
        try (JformersEmbeddingModel model = JformersEmbeddingModel.builder().model(vectors.toString()).build();
                Embeddings pipeline = Embeddings.load(vectors)) {
            Response<Embedding> one = model.embed(TEXTS.get(0));
            assertThat(one.content().vector()).containsExactly(pipeline.embed(TEXTS.get(0)));
            assertThat(one.tokenUsage().inputTokenCount())
                    .isEqualTo(pipeline.tokenizer().encode(TEXTS.get(0)).length());
        }
        Path scores = TinyChat.ranker(folder.resolve("scores"));
        try (JformersScoringModel model = JformersScoringModel.builder().model(scores.toString()).build();
                Reranking pipeline = Reranking.load(scores)) {
            List<Double> found = model.scoreAll(TEXTS.stream().map(TextSegment::from).toList(), "carrots").content();
            assertThat(found).doesNotHaveDuplicates().isEqualTo(pipeline.rank("carrots", TEXTS).stream()
                    .sorted(Comparator.comparingInt(text -> text.index())).map(text -> text.score()).toList());
            assertThat(model.score(TEXTS.get(1), "carrots").content()).isCloseTo(found.get(1),
                    within(1e-6));
        }
    }
}
