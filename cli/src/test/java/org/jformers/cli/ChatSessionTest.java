package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jformers.JformersException;
import org.jformers.generation.Cancellation;
import org.jformers.pipeline.Chat.Message;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lines do to a conversation, with somebody who says how often he has answered, and what he was told. */
final class ChatSessionTest {
    @TempDir
    private Path folder;

    private final StringWriter written = new StringWriter();
    private ConversationFiles files;
    private ChatSession session;

    /** Repeats what the others said, with a number. */
    private static final class Echo implements ChatSession.Talker {
        private int answers;

        @Override
        public String answer(List<Message> messages, Cancellation cancellation, Consumer<String> piece) {
            if (messages.get(messages.size() - 1).text().equals("fail")) {
                throw new JformersException("no room");
            }
            String answer = ++answers + ":" + messages.stream().filter(message -> !message.role().equals("assistant"))
                    .map(Message::text).collect(Collectors.joining("+"));
            piece.accept(answer);
            return answer;
        }

        @Override
        public List<String> suggest(List<Message> messages, Cancellation cancellation) {
            return List.of("after " + messages.size(), "or not");
        }
    }

    @BeforeEach
    void begin() {
        files = new ConversationFiles(folder.resolve("kept"));
        session = session("");
    }

    private ChatSession session(String system) {
        return new ChatSession(new Echo(), Optional.of(files), system, new PrintWriter(written));
    }

    /** What lines print together. */
    private String take(String... lines) {
        written.getBuffer().setLength(0);
        for (String line : lines) {
            assertThat(session.take(line)).isTrue();
        }
        return written.toString();
    }

    private void refused(String line, String message) {
        assertThatThrownBy(() -> session.take(line)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message);
    }

    @Test
    void answersToAllThatWasSaid() {
        assertThat(take("a", "b")).isEqualTo("1:a\n2:a+b\n");
        assertThat(take("//x")).isEqualTo("3:a+b+/x\n");
        assertThat(session.take("/exit")).isFalse();
    }

    @Test
    void anEmptyLineAndAnUnknownCommandAreRefused() {
        refused("  ", "Prompt should not be empty!");
        refused("/foo", "got /foo, allowed /regenerate, ");
        refused("/edit", "/edit: got nothing");
        refused("/regenerate", "nothing was said yet");
        refused("/branch x", "/branch: got \"x\", allowed a number");
        refused("/branch 3", "/branch: got 3, allowed 1 to 0");
        refused("/suggest 1", "/suggest: got 1");
    }

    @Test
    void otherAnswersAndOtherTextsAreBranches() {
        take("a", "b");
        assertThat(take("/regenerate")).isEqualTo("3:a+b\n");
        assertThat(take("/edit c")).isEqualTo("4:a+c\n");
        assertThat(take("/branches"))
                .isEqualTo("  1  4 messages  2:a+b\n  2  4 messages  3:a+b\n* 3  4 messages  4:a+c\n");
        assertThat(take("/branch 2")).isEqualTo("> a\n1:a\n> b\n3:a+b\n");
        assertThat(take("d")).isEqualTo("5:a+b+d\n");
        assertThat(take("/branches")).endsWith("  2  4 messages  4:a+c\n* 3  6 messages  5:a+b+d\n");
    }

    @Test
    void aTurnThatFailsLeavesTheConversationAsItWas() {
        take("a");
        refused("fail", "no room");
        refused("/edit fail", "no room");
        assertThat(take("/show")).isEqualTo("> a\n1:a\n");
        assertThat(take("/branches")).isEqualTo("* 1  2 messages  1:a\n");
    }

    @Test
    void thePersonaIsToldFirstAndMayChange() {
        session = session("a cat");
        assertThat(take("hi")).isEqualTo("1:a cat+hi\n");
        assertThat(take("/system a dog", "/system", "you?")).isEqualTo("a dog\n2:a dog+hi+you?\n");
        assertThat(take("/new", "/system")).isEqualTo("a cat\n");
    }

    @Test
    void whatTheUserMightSayIsListedAndSaid() {
        take("a");
        assertThat(take("/suggest")).isEqualTo("1  after 2\n2  or not\n");
        refused("/suggest 3", "/suggest: got 3, allowed 1 to 2");
        assertThat(take("/suggest 2")).isEqualTo("2:a+or not\n");
        refused("/suggest 2", "/suggest: got 2");
    }

    @Test
    void conversationsAreKeptOpenedAndDeleted() {
        take("a", "/regenerate", "/system s");
        String kept = files.names().get(0);
        session = session("");
        assertThat(take("/list")).isEqualTo("  " + kept + "  a\n");
        assertThat(take("/open " + kept)).isEqualTo("s\n> a\n2:a\n");
        assertThat(take("/branches")).isEqualTo("  1  2 messages  1:a\n* 2  2 messages  2:a\n");
        take("b");
        assertThat(files.names()).containsExactly(kept);
        take("/new", "other");
        assertThat(files.names()).hasSize(2).contains(kept);
        take("/delete " + kept);
        assertThat(files.names()).hasSize(1).doesNotContain(kept);
        refused("/open " + kept, "which is none of those in");
        refused("/delete " + kept, "which is none of those in");
    }

    @Test
    void namesDoNotLeaveTheFolder() throws IOException {
        Path other = Files.writeString(folder.resolve("other.json"), "{}");
        refused("/open ../other", "allowed letters, digits and hyphens");
        refused("/delete ../other", "allowed letters, digits and hyphens");
        assertThat(other).exists();
    }

    @Test
    void aDamagedFileIsNamed() throws IOException {
        Files.createDirectories(folder.resolve("kept"));
        Files.writeString(folder.resolve("kept/x.json"), "{\"tip\": 4, \"messages\": []}");
        Files.writeString(folder.resolve("kept/y.json"), "{\"tip\": 0, \"messages\": [{\"after\": 0}]}");
        refused("/open x", "x.json: tip is 4");
        refused("/open y", "y.json: message 0 follows message 0");
        assertThat(take("/list")).contains("  x  (").contains("  y  (");
    }

    @Test
    void aConversationIsExported() throws IOException {
        take("/system s", "a", "/regenerate");
        take("/export " + folder.resolve("talk.md"), "/export " + folder.resolve("talk.json"));
        assertThat(folder.resolve("talk.md")).hasContent("## system\n\ns\n\n## user\n\na\n\n## assistant\n\n2:s+a\n\n");
        assertThat(folder.resolve("talk.json")).hasContent("{\"system\":\"s\",\"tip\":2,\"messages\":["
                + "{\"after\":-1,\"role\":\"user\",\"content\":\"a\"},"
                + "{\"after\":0,\"role\":\"assistant\",\"content\":\"1:s+a\"},"
                + "{\"after\":0,\"role\":\"assistant\",\"content\":\"2:s+a\"}]}");
        refused("/export " + folder.resolve("talk.md"), "it is there already");
        refused("/export talk.txt", "allowed a file that ends with .md or .json");
    }

    @Test
    void withoutAFolderNothingIsKept() {
        session = new ChatSession(new Echo(), Optional.empty(), "", new PrintWriter(written));
        take("a");
        refused("/list", "conversations are not kept here");
        assertThat(new ArrayList<>(files.names())).isEmpty();
    }
}
