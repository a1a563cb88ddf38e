package org.jformers.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessageType;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Services of an application over a model that was taught what they ask: functions, memory, objects, streams. */
final class ServiceTest {
    private static JformersChatModel model;

    @BeforeAll
    static void load() {
        model = TaughtChat.builder().build();
    }

    @AfterAll
    static void free() {
        model.close();
    }

    /** What the application calls. */
    interface Gardener {
        String answer(String question);
    }

    /** What the model calls. */
    static final class Beds {
        private final List<String> asked = new ArrayList<>();

        @Tool("When a vegetable is sown")
        String sown(@P(name = "vegetable", value = "its name") String vegetable) {
            asked.add(vegetable);
            return vegetable.equals("carrots") ? "in March" : "in May";
        }
    }

    @Test
    void functionsAreCalledAndWhatTheySayIsToldAndRemembered() {
        Beds beds = new Beds();
        MessageWindowChatMemory memory = MessageWindowChatMemory.withMaxMessages(20);
        Gardener gardener = AiServices.builder(Gardener.class).chatModel(model).tools(beds).chatMemory(memory).build();
        assertThat(gardener.answer("When are carrots sown?")).isEqualTo("Carrots are sown in March.");
        assertThat(beds.asked).containsExactly("carrots");
        // Beans are asked for by name only in the turn before.
        assertThat(gardener.answer("And beans?")).isEqualTo("Beans are sown in May.");
        assertThat(beds.asked).containsExactly("carrots", "beans");
        assertThat(memory.messages()).extracting(message -> message.type()).containsExactly(
                ChatMessageType.USER, ChatMessageType.AI, ChatMessageType.TOOL_EXECUTION_RESULT, ChatMessageType.AI,
                ChatMessageType.USER, ChatMessageType.AI, ChatMessageType.TOOL_EXECUTION_RESULT, ChatMessageType.AI);
        assertThat(((AiMessage) memory.messages().get(1)).text()).isNull();
    }

    /** An object of the application. */
    record Animal(String name, int legs, boolean wild) {}

    /** One of its values. */
    enum Sea {
        CALM, WILD
    }

    /** Answers that are read as JSON and as names: the service asks for these forms in words. */
    interface Reader {
        @UserMessage("What animal is this about? {{it}}")
        Animal animal(String text);

        @UserMessage("How is the sea? {{it}}")
        Sea sea(String text);
    }

    @Test
    void answersBecomeObjects() {
        Reader reader = AiServices.create(Reader.class, model);
        assertThat(reader.animal("The wolf runs on four legs.")).isEqualTo(new Animal("wolf", 4, true));
        assertThat(reader.animal("My duck has two legs.")).isEqualTo(new Animal("duck", 2, false));
        assertThat(reader.sea("The storm is here.")).isEqualTo(Sea.WILD);
        assertThat(reader.sea("Nothing moves.")).isEqualTo(Sea.CALM);
    }

    /** The same as a stream. */
    interface Speaker {
        TokenStream answer(String question);
    }

    @Test
    void functionsAreCalledFromStreamsToo() throws Exception {
        Beds beds = new Beds();
        Speaker speaker =
                AiServices.builder(Speaker.class).streamingChatModel(model.streaming()).tools(beds).build();
        List<String> pieces = new ArrayList<>();
        CompletableFuture<String> whole = new CompletableFuture<>();
        speaker.answer("When are carrots sown?")
                .onPartialResponse(pieces::add)
                .onCompleteResponse(response -> whole.complete(response.aiMessage().text()))
                .onError(whole::completeExceptionally)
                .start();
        assertThat(whole.get(120, TimeUnit.SECONDS)).isEqualTo("Carrots are sown in March.");
        assertThat(String.join("", pieces)).isEqualTo("Carrots are sown in March.");
        assertThat(beds.asked).containsExactly("carrots");
    }
}
