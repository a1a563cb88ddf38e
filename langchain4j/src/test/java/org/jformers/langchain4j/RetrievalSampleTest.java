package org.jformers.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.rag.content.retriever.EmbeddingStoreContentRetriever;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The sample of docs/langchain4j.md with the real all-MiniLM-L6-v2. */
final class RetrievalSampleTest {
    private static final List<TextSegment> TEXTS = Stream.of(
            "Carrots are sown in spring.", "A volcano is a mountain that spits fire.",
            "A guide knows what was asked before.", "Winter is the time of frost.").map(TextSegment::from).toList();

    /** What the application calls. */
    interface Guide {
        @SystemMessage("You are a guide.")
        String answer(String question);
    }

    @Test
    void whatIsFoundByItsMeaningAndWhatWasSaidBeforeIsAnswered() {
        try (JformersEmbeddingModel minilm = JformersEmbeddingModel.builder().model("all-minilm-l6-v2").build();
                JformersChatModel chat = TaughtChat.builder().build()) {
            InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
            store.addAll(minilm.embedAll(TEXTS).content(), TEXTS);
            Guide guide = AiServices.builder(Guide.class)
                    .chatModel(chat)
                    .chatMemory(MessageWindowChatMemory.withMaxMessages(10))
                    .contentRetriever(EmbeddingStoreContentRetriever.builder()
                            .embeddingStore(store).embeddingModel(minilm).maxResults(1).build())
                    .build();
            assertThat(guide.answer("When do I sow carrots?")).isEqualTo("You sow carrots in spring.");
            assertThat(guide.answer("Which mountain spits fire?")).isEqualTo("A volcano spits fire.");
            assertThat(guide.answer("What did I ask first?")).isEqualTo("You asked when to sow carrots.");
        }
    }
}
