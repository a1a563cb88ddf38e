package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.ModelListPage;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's client for Java, unchanged; what it gets fits the schema that it was made from. */
final class OpenAiClientTest {
    @TempDir
    private static Path folder;

    private static Server server;
    private static OpenAIClient client;

    @BeforeAll
    static void start() throws IOException {
        server = Server.builder()
                .model("chat", TinyChat.llama(Files.createDirectory(folder.resolve("llama"))).toString())
                .model("vectors", TinyChat.reader(Files.createDirectory(folder.resolve("bert"))).toString())
                .keys(List.of("a-key")).start();
        client = client("a-key");
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static OpenAIClient client(String key) {
        return OpenAIOkHttpClient.builder().baseUrl(server.url() + "/v1").apiKey(key).maxRetries(0).build();
    }

    private static ChatCompletionCreateParams.Builder chat() {
        return ChatCompletionCreateParams.builder().model("chat").addSystemMessage("Be brief.")
                .addUserMessage("What is a volcano?").maxCompletionTokens(12).temperature(0.0);
    }

    @Test
    void chatsAndStreams() {
        ChatCompletion answer = client.chat().completions().create(chat().n(2).logprobs(true).topLogprobs(1).build());
        answer.validate();
        assertThat(answer.choices()).hasSize(2);
        assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(24);
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(chat().build())) {
            String text = stream.stream().peek(ChatCompletionChunk::validate)
                    .flatMap(chunk -> chunk.choices().stream())
                    .flatMap(choice -> choice.delta().content().stream()).collect(Collectors.joining());
            assertThat(text).isEqualTo(answer.choices().get(0).message().content().orElseThrow());
        }
    }

    @Test
    void completesAndResponds() {
        Completion completion = client.completions().create(
                CompletionCreateParams.builder().model("chat").prompt("A volcano").maxTokens(4).logprobs(1).build());
        completion.validate();
        assertThat(completion.usage().orElseThrow().completionTokens()).isEqualTo(4);
        ResponseCreateParams asked = ResponseCreateParams.builder()
                .model("chat").instructions("Be brief.").input("What is it?").maxOutputTokens(4).temperature(0.0)
                .build();
        Response response = client.responses().create(asked);
        response.validate();
        String text = response.output().get(0).asMessage().content().get(0).asOutputText().text();
        try (StreamResponse<ResponseStreamEvent> stream = client.responses().createStreaming(asked)) {
            assertThat(stream.stream().peek(ResponseStreamEvent::validate)
                    .flatMap(event -> event.outputTextDelta().stream())
                    .map(delta -> delta.delta()).collect(Collectors.joining())).isEqualTo(text);
        }
    }

    @Test
    void embedsAndLists() {
        CreateEmbeddingResponse vectors = client.embeddings().create(EmbeddingCreateParams.builder()
                .model("vectors").inputOfArrayOfStrings(List.of("A volcano", "a")).build());
        vectors.validate();
        assertThat(vectors.data()).hasSize(2);
        assertThat(vectors.data().get(0).embedding()).hasSize(16);
        ModelListPage models = client.models().list();
        models.data().forEach(model -> model.validate());
        assertThat(models.data()).extracting(model -> model.id()).containsExactly("chat", "vectors");
    }

    @Test
    void hearsWhatIsWrong() {
        assertThatThrownBy(() -> client.chat().completions().create(chat().model("none").build()))
                .isInstanceOf(NotFoundException.class).hasMessageContaining("none");
        assertThatThrownBy(() -> client.chat().completions().create(
                chat().putAdditionalBodyProperty("unheard_of", JsonValue.from(1)).build()))
                .isInstanceOf(BadRequestException.class).hasMessageContaining("unheard_of");
        OpenAIClient stranger = client("another-key");
        assertThatThrownBy(() -> stranger.models().list()).isInstanceOf(UnauthorizedException.class);
        stranger.close();
    }
}
