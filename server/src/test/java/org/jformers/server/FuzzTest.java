package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.pipeline.call.CalledTasks;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged requests to every route: whatever comes, what is answered is an answer or an error in the form of all others,
 * never the server's fault, and the server is afterwards what it was before. Some seconds from a fixed seed; with
 * {@code -Djformers.fuzz.seconds=600} as long, from a seed that a failure names ({@code -Djformers.fuzz.seed}).
 */
final class FuzzTest {
    private static final int REQUESTS = 1_500;
    private static final int CLIENTS = 4;
    private static final int PATIENCE_MILLIS = 60_000;
    private static final String ADMIN = "the-key-of-the-administrator";
    private static final String GREEDY = """
            {"model": "tiny", "prompt": "A volcano", "max_tokens": 12, "temperature": 0}""";
    /** What the server itself answers, without a request being at fault. */
    private static final Set<Integer> DOCUMENTED = Set.of(503, 504);
    /** What HTTP wants where a method or a version is none. */
    private static final Set<Integer> PROTOCOL = Set.of(501, 505);

    @TempDir
    private static Path folder;

    private static final Integer SECONDS = Integer.getInteger("jformers.fuzz.seconds", 0);
    private static final long SEED = Long.getLong("jformers.fuzz.seed", SECONDS == 0 ? 1 : System.nanoTime());

    private static Server server() throws IOException {
        return Server.builder()
                .model(TinyChat.llama(Files.createDirectory(folder.resolve("tiny"))).toString())
                .model("vectors", TinyChat.reader(Files.createDirectory(folder.resolve("reader"))).toString())
                .model("ranks", TinyChat.ranker(Files.createDirectory(folder.resolve("ranker"))).toString())
                .model("labels", TinyChat.classifier(Files.createDirectory(folder.resolve("labels"))).toString())
                .documents(folder.resolve("documents.sqlite").toString())
                .remembered(0) // so that native objects can be counted
                .adminKeyFile(Files.writeString(folder.resolve("admin"), ADMIN))
                .limits(Limits.DEFAULT.withNewTokens(16).withTime(Duration.ofSeconds(20))
                        .withStall(Duration.ofSeconds(5)))
                .start();
    }

    /** Fine requests, by route; those of pipelines go to whatever model there is. */
    private static List<FuzzedRequest> fine(Server server) {
        List<FuzzedRequest> fine = new ArrayList<>();
        for (OpenApiTest.Asked asked : OpenApiTest.ASKED) {
            fine.add(new FuzzedRequest("POST", asked.path(), asked.body()));
            fine.add(new FuzzedRequest("POST", asked.path(), asked.streamed().body()));
        }
        for (Route route : server.routes()) {
            String path = route.path().replace("<name>", "tiny").replace("{id}", "doc_" + "0".repeat(24));
            String body = route.access() == Route.Access.ADMIN ? "{\"model\": \"none\"}"
                    : route.method() == HandlerType.PUT ? "{\"revision\": 1, \"title\": \"A\", \"spans\": []}"
                    : "{\"model\": \"labels\", \"inputs\": \"A volcano\"}";
            fine.add(new FuzzedRequest(route.method().name(), path, route.method() == HandlerType.GET ? "" : body));
        }
        return fine;
    }

    /** Each pipeline of each model stays when it was first asked for, however wrong the call was. */
    private static void openAll(Server server, Client client) {
        for (String model : server.models()) {
            client.post("/look", "{\"model\": \"" + model + "\", \"text\": \"A\"}");
            for (String task : CalledTasks.names()) {
                client.post("/pipelines/" + task, "{\"model\": \"" + model + "\", \"inputs\": \"A\"}");
            }
        }
    }

    private static Set<String> threads() {
        // Those of HTTP and of batches come and go as they are needed, up to a bound.
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
                .filter(name -> name.startsWith("jformers-") && !name.startsWith("jformers-http")
                        && !name.startsWith("jformers-worker"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void whateverComesTheServerStaysWhatItIs() throws Exception {
        try (Server server = server()) {
            Client client = new Client(server);
            List<FuzzedRequest> fine = fine(server);
            openAll(server, client);
            fuzz(server, fine, SEED - 1, 200, 0); // code is loaded
            JsonNode text = client.ok("/v1/completions", GREEDY).get("choices");
            List<String> models = server.models();
            Set<String> threads = threads();
            Resident before = Resident.now();
            fuzz(server, fine, SEED, REQUESTS, SECONDS);
            assertThat(client.get("/ready").statusCode()).isEqualTo(200);
            assertThat(server.models()).isEqualTo(models);
            assertThat(client.ok("/v1/completions", GREEDY).get("choices")).isEqualTo(text);
            assertThat(client.get("/metrics").body()).contains("jformers_requests_open 1.0")
                    .contains("jformers_requests_working{model=\"tiny\"} 0");
            assertThat(threads()).isEqualTo(threads);
            Resident after = Resident.now();
            assertThat(after.tensors()).as("native objects").isLessThanOrEqualTo(before.tensors());
            assertThat(after.heap() - before.heap()).as("bytes of the heap").isLessThan(16_000_000);
        }
    }

    /** Some damaged requests are those of an administrator who unloads a model, which is right. */
    private static void loadAgain(Server server, List<String> models) {
        Client administrator = new Client(server, "Authorization", "Bearer " + ADMIN);
        List<String> left = server.models();
        models.stream().filter(model -> !left.contains(model)).forEach(model ->
                administrator.ok("/admin/load", "{\"model\": \"" + model + "\"}"));
    }

    private static void fuzz(Server server, List<FuzzedRequest> fine, long seed, int requests, int seconds) {
        long until = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        List<String> models = server.models();
        AtomicInteger sent = new AtomicInteger();
        List<CompletableFuture<Void>> clients = IntStream.range(0, CLIENTS).mapToObj(i ->
                CompletableFuture.runAsync(() -> {
                    Random random = new Random(seed * CLIENTS + i);
                    while (seconds > 0 ? System.nanoTime() < until : sent.getAndIncrement() < requests) {
                        FuzzedRequest request = fine.get(random.nextInt(fine.size()));
                        byte[] bytes = request.damaged(fine, random, ADMIN);
                        requireAnswer(bytes, answered(server, bytes), seed);
                        if (i == 0) {
                            loadAgain(server, models);
                        }
                    }
                })).toList();
        clients.forEach(CompletableFuture::join);
        loadAgain(server, models);
    }

    /** All that comes back; nothing where the connection is cut. */
    private static byte[] answered(Server server, byte[] request) {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            try {
                socket.getOutputStream().write(request);
                socket.getOutputStream().flush();
                socket.shutdownOutput();
            } catch (SocketException e) {
                // It need not read all of what it refuses.
            }
            return socket.getInputStream().readAllBytes();
        } catch (SocketException e) {
            return new byte[0];
        } catch (IOException e) {
            throw new AssertionError(e + " of " + shown(request), e);
        }
    }

    private static String shown(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        return text.length() <= 3_000 ? text : text.substring(0, 3_000) + "... " + text.length();
    }

    private static void requireAnswer(byte[] request, byte[] answer, long seed) {
        if (answer.length == 0) {
            return;
        }
        String text = new String(answer, StandardCharsets.UTF_8);
        String of = "seed " + seed + ": " + shown(request) + "\n----\n" + shown(answer);
        assertThat(text).as(of).matches("(?s)HTTP/1\\.1 [1-5]\\d\\d .*");
        int status = Integer.parseInt(text.substring(9, 12));
        assertThat(status < 500 || DOCUMENTED.contains(status) || PROTOCOL.contains(status)).as(of).isTrue();
        int body = text.indexOf("\r\n\r\n");
        if (status >= 400 && body >= 0 && body + 4 < text.length() && text.contains("Content-Length")) {
            JsonNode error = Client.tree(text.substring(body + 4)).get("error");
            assertThat(error.get("message").asText()).as(of).hasSizeBetween(5, 2_500);
            assertThat(error.get("type").isTextual() && error.has("param") && error.get("code").isTextual())
                    .as(of).isTrue();
        }
    }
}
