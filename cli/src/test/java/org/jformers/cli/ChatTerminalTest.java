package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jformers.generation.Cancellation;
import org.jformers.pipeline.Chat.Message;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.DumbTerminal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys of a terminal, and what it shows. */
final class ChatTerminalTest {
    @TempDir
    private Path folder;

    private final CountDownLatch writing = new CountDownLatch(1);

    /** Writes until he is stopped; what he begins with would recolour the terminal. */
    private final class Endless implements ChatSession.Talker {
        @Override
        public String answer(List<Message> messages, Cancellation cancellation, Consumer<String> piece) {
            piece.accept("\u001b[31mred");
            writing.countDown();
            try {
                for (int i = 0; i < 12_000 && !cancellation.cancelled(); i++) {
                    Thread.sleep(10);
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return cancellation.cancelled() ? "stopped" : "never stopped";
        }

        @Override
        public List<String> suggest(List<Message> messages, Cancellation cancellation) {
            return List.of();
        }
    }

    @Test
    void controlCStopsAnAnswerAndControlDEnds() throws Exception {
        PipedOutputStream keys = new PipedOutputStream();
        ByteArrayOutputStream screen = new ByteArrayOutputStream();
        ConversationFiles files = new ConversationFiles(folder.resolve("kept"));
        try (Terminal terminal = new DumbTerminal(
                "test", "dumb", new PipedInputStream(keys), screen, StandardCharsets.UTF_8)) {
            PrintWriter out = new VisibleWriter(terminal.writer());
            ChatSession session = new ChatSession(new Endless(), Optional.of(files), "", out);
            CompletableFuture<Void> end = CompletableFuture.runAsync(
                    () -> new ChatTerminal(terminal, session, out).run(folder.resolve("history")));
            type(keys, "\"what's\\this!!\n");
            assertThat(writing.await(60, TimeUnit.SECONDS)).isTrue();
            terminal.raise(Terminal.Signal.INT);
            type(keys, "\n/exit\n");
            end.get(60, TimeUnit.SECONDS);
        }
        assertThat(screen.toString(StandardCharsets.UTF_8)).contains("\\u001b[31mred")
                .contains("Prompt should not be empty!").doesNotContain("\u001b[31m");
        assertThat(files.open(files.names().get(0)).messages()).containsExactly(
                new Message("user", "\"what's\\this!!"), new Message("assistant", "stopped"));
        assertThat(folder.resolve("history")).content().contains("what's");
    }

    private static void type(PipedOutputStream keys, String text) throws IOException {
        keys.write(text.getBytes(StandardCharsets.UTF_8));
        keys.flush();
    }
}
