package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jformers.JformersException;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routes of runs that are followed. */
final class RunsTest {
    @TempDir
    private Path folder;

    /** One that can be read and one that cannot. */
    private static final class Followed implements Runs {
        @Override
        public List<String> names() {
            return List.of("good one", "broken");
        }

        @Override
        public JsonNode about(String name) {
            if (name.equals("broken")) {
                throw new JformersException("run: is broken");
            }
            return Json.object().put("updated", 1.5);
        }

        @Override
        public JsonNode metrics(String name, long from) {
            return Json.object().put("asked", name).put("from", from);
        }
    }

    @Test
    void runsAreListedAndRead() {
        try (Server server = Server.builder().runs(new Followed()).start()) {
            Client client = new Client(server);
            assertThat(Client.tree(client.get("/runs").body())).isEqualTo(Client.tree("""
                    {"runs": [{"name": "good one", "about": {"updated": 1.5}},
                              {"name": "broken", "problem": "run: is broken"}]}"""));
            assertThat(Client.tree(client.get("/runs/metrics?run=good%20one&from=7").body()))
                    .isEqualTo(Client.tree("{\"asked\": \"good one\", \"from\": 7}"));
            assertThat(client.get("/runs/metrics?run=good%20one").body()).contains("\"from\":0");
            for (String wrong : List.of("?run=other", "", "?run=broken&from=-1", "?run=broken&from=x",
                    "?run=broken&from=9999999999999999999")) {
                assertThat(client.get("/runs/metrics" + wrong).statusCode()).as(wrong).isEqualTo(400);
            }
        }
    }

    @Test
    void withoutModelsTheyAreWherePagesStart() throws IOException {
        try (Server server = Server.builder().runs(new Followed()).start()) {
            HttpResponse<String> start = new Client(server).get("/");
            assertThat(start.statusCode()).isEqualTo(302);
            assertThat(start.headers().firstValue("Location")).hasValue("runs.html");
        }
        Path model = TinyChat.llama(Files.createDirectory(folder.resolve("tiny")));
        try (Server server = Server.builder().model(model.toString()).runs(new Followed()).start()) {
            assertThat(new Client(server).get("/").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void theyAskForTheKey() {
        try (Server server = Server.builder().runs(new Followed()).keys(List.of("a-key")).start()) {
            assertThat(new Client(server).get("/runs").statusCode()).isEqualTo(401);
            assertThat(new Client(server).get("/runs/metrics?run=broken").statusCode()).isEqualTo(401);
            assertThat(new Client(server, "Authorization", "Bearer a-key").get("/runs").statusCode()).isEqualTo(200);
            assertThat(server.routes()).filteredOn(route -> route.access() == Route.Access.OPEN)
                    .extracting(Route::path).containsExactlyInAnyOrder("/health", "/ready", "/");
        }
    }

    @Test
    void thereIsNothingToFollowUnlessToldSo() throws IOException {
        Path model = TinyChat.llama(Files.createDirectory(folder.resolve("tiny")));
        try (Server server = Server.builder().model(model.toString()).start()) {
            assertThat(new Client(server).get("/runs").statusCode()).isEqualTo(404);
        }
    }
}
