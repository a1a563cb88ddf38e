package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jformers.JformersException;
import org.jformers.generation.Cancellation;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.pipeline.Chat;
import org.jformers.pipeline.Chat.Message;
import org.jformers.pipeline.Jformers;
import org.jformers.pipeline.TextGeneration;
import org.jformers.pipeline.TextPieces;
import org.jformers.text.tokenizer.DecodeOptions;
import org.junit.jupiter.api.Test;

/** A conversation over the tiny model whose answers the golden calls hold to the reference. */
final class HeldConversationTest {
    private static final String MODEL =
            Path.of("src/test/resources/pipelines/llama-writes").toAbsolutePath().toString();
    private static final UnaryOperator<GenerationConfig.Builder> SHORT =
            settings -> settings.doSample(false).numBeams(1).maxNewTokens(6);

    private static String greedy(Chat chat, String text) {
        return chat.reply(text, SHORT, Controls.NONE);
    }

    @Test
    void answersAsTheModelDoesToTheWholeConversation() {
        try (Chat chat = Jformers.chat(MODEL); TextGeneration writer = Jformers.textGeneration(MODEL)) {
            String first = greedy(chat, "dull?");
            String second = greedy(chat, "Anna moved.");
            List<Map<String, Object>> messages = List.of(
                    Map.of("role", "user", "content", "dull?"), Map.of("role", "assistant", "content", first),
                    Map.of("role", "user", "content", "Anna moved."));
            GenerationConfig settings = SHORT.apply(writer.settings().with()).build();
            assertThat(writer.write(List.of(writer.tokens(messages, false, 6)), DecodeOptions.DEFAULT, settings,
                    Controls.NONE).get(0).get(0).text()).isEqualTo(second);
            assertThat(chat.messages()).containsExactly(
                    new Message("user", "dull?"), new Message("assistant", first),
                    new Message("user", "Anna moved."), new Message("assistant", second));
            assertThat(chat.begin("be brief").messages()).containsExactly(new Message("system", "be brief"));
            assertThat(chat.report().exact()).isTrue();
        }
    }

    @Test
    void goesOnFromWhatWasSaidAndSaysWhatTheUserMight() {
        try (Chat chat = Jformers.chat(MODEL); TextGeneration writer = Jformers.textGeneration(MODEL)) {
            greedy(chat, "dull?");
            List<Message> said = chat.messages();
            String second = greedy(chat, "Anna moved.");
            chat.resume(said);
            assertThat(greedy(chat, "Anna moved.")).isEqualTo(second);
            String suggested = chat.resume(said).suggest(SHORT, Controls.NONE);
            assertThat(chat.messages()).isEqualTo(said);
            List<Map<String, Object>> open = new ArrayList<>(said.stream()
                    .map(message -> Map.<String, Object>of("role", message.role(), "content", message.text()))
                    .toList());
            open.add(Map.of("role", "user", "content", ""));
            GenerationConfig settings = SHORT.apply(writer.settings().with()).build();
            assertThat(suggested).isEqualTo(writer.write(List.of(writer.tokens(open, true, 6)), DecodeOptions.DEFAULT,
                    settings, Controls.NONE).get(0).get(0).text());
        }
    }

    @Test
    void whatIsHeardIsTheAnswer() {
        try (Chat chat = Jformers.chat(MODEL)) {
            List<String> pieces = new ArrayList<>();
            String answer = chat.stream("dull?", SHORT, Controls.NONE, pieces::add);
            assertThat(String.join("", pieces)).isEqualTo(answer);
        }
    }

    @Test
    void whatIsReadToItsEndIsRememberedAndWhatIsClosedIsNot() {
        try (Chat chat = Jformers.chat(MODEL)) {
            try (TextPieces closed = chat.pieces("dull?", SHORT, Controls.NONE)) {
                assertThat(closed.iterator().hasNext()).isTrue();
                assertThatThrownBy(() -> greedy(chat, "Anna moved.")).isInstanceOf(JformersException.class)
                        .hasMessage("chat: got a turn while an answer is read, allowed when that has ended"
                                + " or is closed");
            }
            assertThat(chat.messages()).isEmpty();
            TextPieces read = chat.pieces("dull?", SHORT, Controls.NONE);
            String answer = String.join("", read);
            assertThat(chat.messages())
                    .containsExactly(new Message("user", "dull?"), new Message("assistant", answer));
            chat.begin("be brief");
            assertThat(greedy(chat, "dull?")).isNotNull();
        }
    }

    @Test
    void aSubscriberIsATurn() throws InterruptedException {
        try (Chat chat = Jformers.chat(MODEL)) {
            StringBuilder heard = new StringBuilder();
            CountDownLatch ended = new CountDownLatch(1);
            chat.publisher("dull?", SHORT, Controls.NONE, Runnable::run).subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    assertThat(chat.messages()).isEmpty();
                    subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(String piece) {
                    heard.append(piece);
                }

                @Override
                public void onError(Throwable e) {
                    throw new AssertionError(e);
                }

                @Override
                public void onComplete() {
                    ended.countDown();
                }
            });
            assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(chat.messages().get(1).text()).isEqualTo(heard.toString());
        }
    }

    @Test
    void goesOnWhereOldTurnsHaveNoRoom() {
        try (Chat chat = Jformers.chat(MODEL)) {
            for (int i = 0; i < 12; i++) {
                greedy(chat, "Anna moved. ".repeat(3));
            }
            assertThat(chat.messages()).hasSize(24);
        }
    }

    @Test
    void aTurnThatFailsLeavesTheConversationAsItWas() {
        Chat chat = Jformers.chat(MODEL);
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        chat.stream("dull?", SHORT, Controls.NONE.withRule(cancellation), piece -> {});
        assertThat(chat.messages()).hasSize(2); // what was written until then is what was said
        assertThatThrownBy(() -> chat.reply("Anna moved. ".repeat(300))).isInstanceOf(JformersException.class)
                .hasMessageContaining("room for the answer");
        assertThat(chat.messages()).hasSize(2);
        chat.close();
        assertThatThrownBy(() -> greedy(chat, "dull?")).isInstanceOf(JformersException.class)
                .hasMessageContaining("after it was closed");
        assertThat(chat.messages()).hasSize(2);
    }
}
