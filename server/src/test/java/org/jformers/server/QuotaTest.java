package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of a key in a minute, on all routes that take any. */
final class QuotaTest {
    @TempDir
    private Path folder;

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("none");
    }

    private Server server(int tokens) throws IOException {
        return Server.builder()
                .model(TinyChat.llama(Files.createDirectory(folder.resolve("tiny"))).toString())
                .model("vectors", TinyChat.reader(Files.createDirectory(folder.resolve("reader"))).toString())
                .model("ranks", TinyChat.ranker(Files.createDirectory(folder.resolve("ranker"))).toString())
                .keys(IntStream.range(0, 8).mapToObj(i -> "key " + i).toList())
                .limits(Limits.DEFAULT.withTokensPerMinute(tokens)).start();
    }

    @Test
    void whoHasHadItsTokensWaitsAndNobodyElse() throws IOException {
        try (Server server = server(200)) {
            Client first = new Client(server, "Authorization", "Bearer key 0");
            String body = "{\"model\": \"tiny\", \"prompt\": \"A volcano\", \"max_tokens\": 40}";
            HttpResponse<String> answer = first.post("/v1/completions", body);
            assertThat(header(answer, "x-ratelimit-limit-tokens")).isEqualTo("200");
            assertThat(header(answer, "x-ratelimit-remaining-tokens")).isEqualTo("200");
            assertThat(header(answer, "x-ratelimit-reset-tokens")).isEqualTo("0s");
            int taken = Client.tree(answer.body()).at("/usage/total_tokens").asInt();
            HttpResponse<String> next = first.post("/v1/completions", body);
            assertThat(Integer.parseInt(header(next, "x-ratelimit-remaining-tokens")))
                    .isBetween(200 - taken, 200 - taken + 20);
            for (int i = 0; i < 4; i++) {
                next = first.post("/v1/completions", body.replace("}", ", \"n\": 2}"));
            }
            assertThat(next.statusCode()).isEqualTo(429);
            JsonNode error = Client.tree(next.body()).get("error");
            assertThat(error.get("type").asText()).isEqualTo("tokens");
            assertThat(error.get("code").asText()).isEqualTo("rate_limit_exceeded");
            assertThat(Integer.parseInt(header(next, "Retry-After"))).isBetween(1, 60);
            assertThat(header(next, "x-ratelimit-remaining-tokens")).isEqualTo("0");
            for (String path : List.of("/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/rerank",
                    "/forward", "/pipelines/text-generation")) {
                assertThat(first.post(path, "{}").statusCode()).as(path).isEqualTo(429);
            }
            assertThat(first.get("/v1/models").statusCode()).isEqualTo(200);
            assertThat(first.ok("/tokenize", "{\"model\": \"tiny\", \"text_input\": \"a\"}").has("tokens")).isTrue();
            assertThat(new Client(server, "Authorization", "Bearer key 1").post("/v1/completions", body).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void everyRouteThatTakesTokensCountsThem() throws IOException {
        List<List<String>> asked = List.of(
                List.of("/v1/chat/completions", """
                        {"model": "tiny", "messages": [{"role": "user", "content": "a"}], "max_tokens": 9}"""),
                List.of("/v1/responses", "{\"model\": \"tiny\", \"input\": \"a\", \"max_output_tokens\": 9}"),
                List.of("/v1/embeddings", "{\"model\": \"vectors\", \"input\": [\"A volcano\", \"is it\"]}"),
                List.of("/v1/rerank", "{\"model\": \"ranks\", \"query\": \"A\", \"documents\": [\"is it\"]}"),
                List.of("/pipelines/embeddings", "{\"model\": \"vectors\", \"inputs\": \"A volcano\"}"),
                List.of("/forward", "{\"model\": \"tiny\", \"inputs\": \"A volcano\", \"max_new_tokens\": 9}"));
        try (Server server = server(1)) {
            for (int i = 0; i < asked.size(); i++) {
                Client client = new Client(server, "Authorization", "Bearer key " + i);
                client.ok(asked.get(i).get(0), asked.get(i).get(1));
                assertThat(client.post(asked.get(i).get(0), asked.get(i).get(1)).statusCode())
                        .as(asked.get(i).get(0)).isEqualTo(429);
            }
        }
    }

    @Test
    void aBucketFillsAsTimeGoesBy() {
        long[] now = {0};
        Quota quota = new Quota(60, () -> now[0]);
        quota.spend("a", 90);
        assertThat(quota.left("a")).isEqualTo(-30);
        assertThat(quota.left("b")).isEqualTo(60);
        now[0] += 31_000_000_000L;
        assertThat(quota.left("a")).isBetween(0.999, 1.001);
        now[0] += 3_600_000_000_000L;
        assertThat(quota.left("a")).isEqualTo(60);
    }
}
