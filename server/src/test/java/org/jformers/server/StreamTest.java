package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a text while it is written: whole characters, nothing of a stop text, one event after the other. */
final class StreamTest {
    private static final String CHAT = "/v1/chat/completions";

    @TempDir
    private static Path folder;

    private static Server server;
    private static Client client;

    @BeforeAll
    static void start() throws IOException {
        server = Server.builder().model(TinyChat.llama(Files.createDirectory(folder.resolve("tiny"))).toString())
                .start();
        client = new Client(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Writes the bytes of some texts alone, in any order: whole characters come about, and halves of them. */
    private static String writing(int seed, String more, String... texts) {
        String biases = IntStream.of(TinyChat.tokenizer().encodePlain(String.join("", texts)).ids()).distinct()
                .mapToObj(id -> "\"" + id + "\": 100").collect(Collectors.joining(", "));
        return """
                {"messages": [{"role": "user", "content": "a"}], "max_tokens": 200, "seed": %d, "temperature": 2,
                 "logit_bias": {%s}%s}""".formatted(seed, biases, more);
    }

    private static String text(JsonNode answer) {
        return answer.at("/choices/0/message/content").asText();
    }

    /** The events of a stream as the specification of server-sent events reads them. */
    private static List<String> events(String stream) {
        List<String> events = new ArrayList<>();
        for (String event : stream.split("\r\n\r\n|\n\n|\r\r")) {
            assertThat(event.split("\r\n|\n|\r", -1)).as("lines of an event").hasSize(1);
            assertThat(event).startsWith("data: ");
            events.add(event.substring("data: ".length()));
        }
        return events;
    }

    @Test
    void noTextEndsAnEventAndNoCharacterIsCut() {
        for (String shown : List.of("\u00e9", "\ud801\udc10", "\ufeff", "\r\n", "\u2028\u0085", "\n\na: ")) {
            boolean seen = false;
            for (int seed = 0; seed < 3; seed++) {
                String whole = text(client.ok(CHAT, writing(seed, "", shown)));
                HttpResponse<byte[]> stream = client.http().sendAsync(
                        client.posted(CHAT, writing(seed, ", \"stream\": true", shown)),
                        HttpResponse.BodyHandlers.ofByteArray()).join();
                assertThat(stream.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
                List<String> events = events(new String(stream.body(), StandardCharsets.UTF_8));
                assertThat(events.remove(events.size() - 1)).isEqualTo("[DONE]");
                StringBuilder told = new StringBuilder();
                for (String event : events) {
                    String part = Client.tree(event).at("/choices/0/delta/content").asText("");
                    assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(part)).isTrue();
                    told.append(part);
                }
                assertThat(told).hasToString(whole);
                seen |= whole.contains(shown.substring(0, shown.offsetByCodePoints(0, 1)));
            }
            assertThat(seen).as(shown).isTrue();
        }
    }

    /** Stop texts that begin or end within a character's tokens, or have several tokens. */
    @Test
    void nothingOfAStopTextIsTold() {
        int stopped = 0;
        for (String shown : List.of("\u00e9a", "\u6f22", "\ud801\udc10", "ab")) {
            for (int seed = 0; seed < 3; seed++) {
                String whole = text(client.ok(CHAT, writing(seed, "", shown)));
                int at = whole.indexOf(shown.charAt(0));
                int end = at < 0 ? 0 : whole.offsetByCodePoints(at, 1);
                List<String> stops = at < 1 ? List.of() : List.of(whole.substring(at, end),
                        whole.substring(at - 1, end), whole.substring(at, Math.min(whole.length(), end + 2)));
                for (String stop : stops) {
                    String more = ", \"stop\": " + Json.object().textNode(stop);
                    JsonNode answer = client.ok(CHAT, writing(seed, more, shown));
                    assertThat(text(answer)).isEqualTo(whole.substring(0, whole.indexOf(stop)));
                    String told = client.events(CHAT, writing(seed, more + ", \"stream\": true", shown)).stream()
                            .map(event -> event.at("/choices/0/delta/content").asText(""))
                            .collect(Collectors.joining());
                    assertThat(told).isEqualTo(text(answer));
                    stopped++;
                }
            }
        }
        assertThat(stopped).as("texts that were stopped").isGreaterThanOrEqualTo(15);
    }

    @Test
    void anAnswerIsTheSameAloneAndAmongOthers() {
        List<String> bodies = IntStream.range(0, 64).mapToObj(i -> """
                {"prompt": "%s", "max_tokens": 24, "temperature": 0}"""
                .formatted("A volcano is a mountain. ".repeat(i % 7) + "user " + i)).toList();
        List<JsonNode> alone = bodies.stream().map(body -> client.ok("/v1/completions", body).get("choices")).toList();
        List<CompletableFuture<HttpResponse<String>>> together = bodies.stream().map(body -> client.http().sendAsync(
                client.posted("/v1/completions", body), HttpResponse.BodyHandlers.ofString())).toList();
        for (int i = 0; i < alone.size(); i++) {
            assertThat(Client.tree(together.get(i).join().body()).get("choices")).isEqualTo(alone.get(i));
        }
        assertThat(alone.stream().distinct().count()).isGreaterThan(32);
    }
}
