package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many clients, and such as go, wait, flood and read slowly. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LoadTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final int FOREVER = 2000;

    @TempDir
    private static Path folder;

    private static Path model;

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeAll
    static void make() throws IOException {
        model = TinyChat.llama(Files.createDirectory(folder.resolve("tiny")));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private Server started(Server.Builder builder) {
        Server server = builder.model(model.toString()).start();
        open.add(server);
        return server;
    }

    private static String chat(int tokens, String more) {
        return """
                {"model": "tiny", "messages": [{"role": "user", "content": "What is it?"}], "max_tokens": %d%s}"""
                .formatted(tokens, more.contains("temperature") ? more : more + ", \"temperature\": 0");
    }

    private static double metric(Client client, String name) {
        return client.get("/metrics").body().lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    }

    private static void eventually(BooleanSupplier holds, Duration longest) throws InterruptedException {
        long until = System.nanoTime() + longest.toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time").isLessThan(until);
            Thread.sleep(10);
        }
    }

    /** A request by hand, whose answer is not read. */
    private Socket raw(Server server, String body) throws IOException {
        Socket socket = new Socket("127.0.0.1", server.port());
        open.add(socket);
        socket.setReceiveBufferSize(4096);
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        OutputStream out = socket.getOutputStream();
        out.write(("POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                + bytes.length + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        out.write(bytes);
        out.flush();
        return socket;
    }

    private static String head(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("data: ") < 0) {
            int read = in.read();
            assertThat(read).as(head.toString()).isNotNegative();
            head.append((char) read);
        }
        return head.toString();
    }

    @Test
    void aHundredStreamsGetAllOfTheirs() {
        Client client = new Client(started(Server.builder()));
        String alone = client.ok(CHAT, chat(10, "")).at("/choices/0/message/content").asText();
        List<CompletableFuture<HttpResponse<String>>> streams = IntStream.range(0, 100)
                .mapToObj(i -> client.http().sendAsync(
                        client.posted(CHAT, chat(
                                10, ", \"stream\": true, \"stream_options\": {\"include_usage\": true}")),
                        HttpResponse.BodyHandlers.ofString()))
                .toList();
        for (CompletableFuture<HttpResponse<String>> stream : streams) {
            List<JsonNode> events = Client.events(stream.join().body());
            StringBuilder text = new StringBuilder();
            events.forEach(event -> text.append(event.at("/choices/0/delta/content").asText("")));
            assertThat(text).hasToString(alone);
            assertThat(events.get(events.size() - 1).at("/usage/completion_tokens").asInt()).isEqualTo(10);
        }
        assertThat(metric(client, "jformers_requests_working")).isZero();
    }

    @Test
    void whoGoesEndsNobodyElse() throws Exception {
        Server server = started(Server.builder().together(100));
        Client client = new Client(server);
        List<Socket> going = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            going.add(raw(server, chat(FOREVER, i % 2 == 0 ? ", \"stream\": true" : "")));
        }
        List<CompletableFuture<HttpResponse<String>>> others = IntStream.range(0, 90)
                .mapToObj(i -> client.http().sendAsync(
                        client.posted(CHAT, chat(20, i % 15 == 0 ? ", \"n\": 3, \"temperature\": 1" : "")),
                        HttpResponse.BodyHandlers.ofString()))
                .toList();
        eventually(() -> metric(client, "jformers_requests_working") >= 10, Duration.ofSeconds(20));
        for (Socket each : going) {
            each.close();
        }
        for (int i = 0; i < others.size(); i++) {
            JsonNode answer = Client.tree(others.get(i).join().body());
            assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(i % 15 == 0 ? 60 : 20);
        }
        eventually(() -> metric(client, "jformers_requests_working") == 0, Duration.ofSeconds(2));
        eventually(() -> metric(client, "jformers_requests_open") == 1, Duration.ofSeconds(2));
        assertThat(client.get("/metrics").body()).contains("status=\"499\"");
    }

    /** Twenty tokens of a thousand, then nobody is there. */
    @Test
    void aHundredStreamsThatAreCutLeaveNothing() throws Exception {
        Server server = started(Server.builder());
        Client client = new Client(server);
        List<CompletableFuture<Void>> streams = IntStream.range(0, 100)
                .mapToObj(i -> CompletableFuture.runAsync(() -> cut(server, 20, 1000))).toList();
        streams.forEach(CompletableFuture::join);
        eventually(() -> metric(client, "jformers_requests_open") == 1, Duration.ofSeconds(5));
        assertThat(metric(client, "jformers_requests_working")).isZero();
        assertThat(metric(client, "jformers_tokens_total")).as("tokens of answers that ended").isZero();
        assertThat(client.ok(CHAT, chat(5, "")).at("/usage/completion_tokens").asInt()).isEqualTo(5);
    }

    /** Goes behind so many events of a stream. */
    private static void cut(Server server, int events, int tokens) {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            byte[] body = chat(tokens, ", \"stream\": true").getBytes(StandardCharsets.UTF_8);
            socket.getOutputStream().write(("POST " + CHAT + " HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(body);
            for (int event = 0; event < events; event++) {
                head(socket);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aHundredClientsGetTwoHundredAnswers() {
        Server server = started(Server.builder());
        List<CompletableFuture<Void>> clients = IntStream.range(0, 100).mapToObj(i -> CompletableFuture.runAsync(() -> {
            Client client = new Client(server);
            for (int request = 0; request < 2; request++) {
                assertThat(client.ok(CHAT, chat(8, "")).at("/usage/completion_tokens").asInt()).isEqualTo(8);
            }
        })).toList();
        clients.forEach(CompletableFuture::join);
    }

    @Test
    void aClientThatGoesIsNoticedWithinATokenOrTwo() throws Exception {
        Server server = started(Server.builder());
        Client client = new Client(server);
        for (String form : List.of("", ", \"stream\": true")) {
            for (int i = 0; i < 5; i++) {
                Socket socket = raw(server, chat(FOREVER, form));
                eventually(() -> metric(client, "jformers_requests_working") == 1, Duration.ofSeconds(5));
                socket.close();
                long gone = System.nanoTime();
                eventually(() -> metric(client, "jformers_requests_working") == 0, Duration.ofSeconds(2));
                assertThat(Duration.ofNanos(System.nanoTime() - gone)).isLessThan(Duration.ofMillis(500));
            }
        }
    }

    /** The next request of a connection may come before the server is done with the one before it. */
    @Test
    void connectionsServeOneRequestAfterTheOther() throws Exception {
        Server server = started(Server.builder());
        List<CompletableFuture<Void>> clients = IntStream.range(0, 8).mapToObj(i -> CompletableFuture.runAsync(() -> {
            Client client = new Client(server);
            for (int request = 0; request < 250; request++) {
                assertThat(client.post(CHAT, chat(-1, "")).statusCode()).isEqualTo(400);
            }
        })).toList();
        clients.forEach(CompletableFuture::join);
    }

    /** Nobody does so, but HTTP allows it: the second request goes unanswered and has to come again. */
    @Test
    void aRequestBehindARequestEndsTheConnectionAndNotTheAnswer() throws Exception {
        Server server = started(Server.builder());
        Client client = new Client(server);
        for (String form : List.of("", ", \"stream\": true")) {
            Socket socket = raw(server, chat(1000, form));
            eventually(() -> metric(client, "jformers_requests_working") == 1, Duration.ofSeconds(10));
            socket.getOutputStream().write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(
                    StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(all).contains(form.isEmpty() ? "\"completion_tokens\":1000" : "data: [DONE]")
                    .doesNotContain("\"status\":\"ok\"");
        }
    }

    @Test
    void whatFindsNoPlaceIsRefusedAtOnce() throws Exception {
        Server server = started(Server.builder().together(2).queue(3));
        Client client = new Client(server);
        List<Socket> others = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            others.add(raw(server, chat(FOREVER, "")));
        }
        eventually(() -> metric(client, "jformers_requests_waiting") == 3, Duration.ofSeconds(10));
        long asked = System.nanoTime();
        HttpResponse<String> refused = client.post(CHAT, chat(5, ""));
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofMillis(200));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(Client.tree(refused.body()).at("/error/type").asText()).isEqualTo("rate_limit_error");
        assertThat(client.get("/metrics").body()).contains("status=\"429\"");
        for (Socket each : others) {
            each.close();
        }
        eventually(() -> metric(client, "jformers_requests_open") == 1, Duration.ofSeconds(2));
        assertThat(client.ok(CHAT, chat(5, "")).at("/usage/completion_tokens").asInt()).isEqualTo(5);
    }

    @Test
    void oneClientsFloodDoesNotKeepOthersWaiting() throws Exception {
        Path keys = Files.writeString(folder.resolve("keys"), "first\nsecond\n");
        Server server = started(Server.builder().together(1).keyFile(keys));
        Client flood = new Client(server, "Authorization", "Bearer first");
        Client other = new Client(server, "Authorization", "Bearer second");
        List<CompletableFuture<HttpResponse<String>>> many = IntStream.range(0, 40)
                .mapToObj(i -> flood.http().sendAsync(
                        flood.posted(CHAT, chat(50, "")), HttpResponse.BodyHandlers.ofString())).toList();
        eventually(() -> metric(other, "jformers_requests_waiting") > 30, Duration.ofSeconds(10));
        other.ok(CHAT, chat(5, ""));
        assertThat(many.stream().filter(CompletableFuture::isDone).count()).isLessThan(20);
        many.forEach(CompletableFuture::join);
    }

    @Test
    void aKeyHasItsShare() throws Exception {
        Server server = started(Server.builder().limits(Limits.DEFAULT.withPerKey(2)));
        Client client = new Client(server);
        raw(server, chat(FOREVER, ""));
        Socket second = raw(server, chat(FOREVER, ""));
        eventually(() -> metric(client, "jformers_requests_working") == 2, Duration.ofSeconds(5));
        assertThat(client.post(CHAT, chat(5, "")).statusCode()).isEqualTo(429);
        second.close();
        eventually(() -> client.post(CHAT, chat(5, "")).statusCode() == 200, Duration.ofSeconds(2));
    }

    @Test
    void whoReadsSlowlyStallsNobodyAndIsCut() throws Exception {
        Server server = started(Server.builder().limits(Limits.DEFAULT.withStall(Duration.ofSeconds(1))
                .withNewTokens(2000)));
        Client client = new Client(server);
        // Many answers with scores are more than the buffers between two sockets hold.
        Socket slow = raw(server, chat(1900, ", \"stream\": true, \"n\": 8, \"temperature\": 1, \"logprobs\": true,"
                + " \"top_logprobs\": 20"));
        head(slow);
        for (int i = 0; i < 20; i++) {
            assertThat(client.ok(CHAT, chat(5, "")).at("/usage/completion_tokens").asInt()).isEqualTo(5);
        }
        eventually(() -> client.get("/metrics").body().contains("status=\"408\"")
                || client.get("/metrics").body().contains("status=\"499\""), Duration.ofSeconds(60));
        eventually(() -> metric(client, "jformers_requests_working") == 0, Duration.ofSeconds(5));
    }

    @Test
    void aRequestHasItsTime() {
        Server server = started(Server.builder().limits(Limits.DEFAULT.withTime(Duration.ofMillis(300))
                .withStall(Duration.ofMillis(200))));
        HttpResponse<String> late = new Client(server).post(CHAT, chat(FOREVER, ""));
        assertThat(late.statusCode()).isEqualTo(504);
        assertThat(late.body()).contains("timeout");
    }

    @Test
    void whatIsOpenEndsBeforeTheServerDoes() throws Exception {
        Server server = started(Server.builder());
        Client client = new Client(server);
        try (Stream<String> lines = client.lines(CHAT, chat(300, ", \"stream\": true")).body()) {
            Iterator<String> each = lines.iterator();
            each.next();
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> server.drain(Duration.ofSeconds(30)));
            eventually(() -> client.get("/ready").statusCode() == 503, Duration.ofSeconds(2));
            HttpResponse<String> refused = client.post(CHAT, chat(5, ""));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
            List<String> left = new ArrayList<>();
            each.forEachRemaining(left::add);
            assertThat(left).contains("data: [DONE]");
            drained.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatTakesLongerThanTheEndMayIsEndedWithAnError() throws Exception {
        Server server = started(Server.builder());
        Client client = new Client(server);
        try (Stream<String> lines = client.lines(CHAT, chat(FOREVER, ", \"stream\": true")).body()) {
            Iterator<String> each = lines.iterator();
            each.next();
            long begun = System.nanoTime();
            server.drain(Duration.ZERO);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
            List<String> left = new ArrayList<>();
            each.forEachRemaining(left::add);
            assertThat(String.join("\n", left)).contains("shutting_down").doesNotContain("[DONE]");
        }
    }

    @Test
    void nothingIsLeftOfRequests() throws Exception {
        leavesNothing(300);
    }

    @Test
    @Tag("slow")
    @Timeout(value = 1800, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void nothingIsLeftOfTenThousandRequests() throws Exception {
        leavesNothing(10_000);
    }

    private void leavesNothing(int requests) throws Exception {
        Server server = started(Server.builder());
        Client client = new Client(server);
        mixed(server, client, 100);
        Resident before = Resident.now();
        mixed(server, client, requests);
        eventually(() -> metric(client, "jformers_requests_open") == 1, Duration.ofSeconds(5));
        assertThat(metric(client, "jformers_requests_working")).isZero();
        Resident after = Resident.now();
        assertThat(after.tensors()).as("native objects").isLessThanOrEqualTo(before.tensors());
        assertThat(after.heap() - before.heap()).as("bytes of the heap").isLessThan(8_000_000);
    }

    @Test
    void nothingIsLeftOfClientsThatGoAtAnyToken() throws Exception {
        leavesNothingOfCuts(30);
    }

    @Test
    @Tag("slow")
    void nothingIsLeftOfAThousandClientsThatGoAtAnyToken() throws Exception {
        leavesNothingOfCuts(1000);
    }

    private void leavesNothingOfCuts(int cycles) throws Exception {
        Server server = started(Server.builder());
        Client client = new Client(server);
        cuts(server, client, 12);
        Resident before = Resident.now();
        cuts(server, client, cycles);
        Resident after = Resident.now();
        assertThat(after.tensors()).as("native objects").isLessThanOrEqualTo(before.tensors());
        assertThat(after.heap() - before.heap()).as("bytes of the heap").isLessThan(8_000_000);
    }

    /** At the first, a middle and the last of 20 tokens. */
    private void cuts(Server server, Client client, int cycles) throws InterruptedException {
        for (int cycle = 0; cycle < cycles; cycle++) {
            cut(server, List.of(1, 10, 20).get(cycle % 3), 20);
        }
        eventually(() -> metric(client, "jformers_requests_open") == 1, Duration.ofSeconds(5));
    }

    /** Whole, streamed, wrong and abandoned ones, by several clients at a time. */
    private void mixed(Server server, Client client, int requests) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(8);
        try {
            List<CompletableFuture<Void>> all = IntStream.range(0, requests)
                    .mapToObj(i -> CompletableFuture.runAsync(() -> one(server, client, i), clients)).toList();
            all.forEach(CompletableFuture::join);
        } finally {
            clients.shutdown();
        }
    }

    private void one(Server server, Client client, int number) {
        switch (number % 4) {
            case 0 -> assertThat(client.ok(CHAT, chat(4, "")).at("/usage/completion_tokens").asInt()).isEqualTo(4);
            case 1 -> assertThat(client.events(CHAT, chat(4, ", \"stream\": true"))).isNotEmpty();
            case 2 -> assertThat(client.post(CHAT, chat(-1, "")).statusCode()).isEqualTo(400);
            default -> cut(server, 1, FOREVER);
        }
    }
}
