package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents that are kept. */
final class DocumentsTest {
    private static final String TEXT = """
            {"title": "Fire", "model": "tiny", "spans": [{"text": "A volcano \\ud83c\\udf0b\\n", "origin": "typed"},
             {"text": "is a \\u0000mountain.", "origin": "generated"}]}""";

    @TempDir
    private static Path folder;

    private static Path model;

    @BeforeAll
    static void make() throws IOException {
        model = TinyChat.llama(Files.createDirectory(folder.resolve("tiny")));
    }

    private static Server server(String documents) {
        return Server.builder().model(model.toString()).documents(documents).start();
    }

    private static HttpResponse<String> put(Client client, String id, String body) {
        return client.send(client.request("/documents/" + id).header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body)).build());
    }

    private static String revised(String body, int revision) {
        return "{\"revision\": " + revision + ", " + body.substring(1);
    }

    private static void keeps(String documents) {
        JsonNode added;
        try (Server server = server(documents)) {
            Client client = new Client(server);
            added = client.ok("/documents", TEXT);
            assertThat(added.get("id").asText()).matches("doc_[0-9a-f]{24}");
            assertThat(added.get("revision").asInt()).isEqualTo(1);
        }
        String id = added.get("id").asText();
        try (Server server = server(documents)) {
            Client client = new Client(server);
            assertThat(Client.tree(client.get("/documents/" + id).body())).isEqualTo(added);
            ObjectNode bare = added.deepCopy();
            bare.remove(List.of("id", "object", "revision", "changed"));
            assertThat(bare).isEqualTo(Client.tree(TEXT));
            HttpResponse<String> changed = put(client, id, revised(TEXT.replace("Fire", "Ash"), 1));
            assertThat(changed.statusCode()).isEqualTo(200);
            assertThat(Client.tree(changed.body()).get("title").asText()).isEqualTo("Ash");
            // Who did not see that change may not undo it.
            HttpResponse<String> late = put(client, id, revised(TEXT, 1));
            assertThat(late.statusCode()).isEqualTo(409);
            assertThat(Client.tree(late.body()).at("/error/message").asText())
                    .isEqualTo("revision: got 1, allowed 2, which it has by now");
            assertThat(client.get("/documents/" + id).body()).isEqualTo(changed.body());
        }
    }

    @Test
    void aFileKeepsThem() throws IOException {
        Path file = folder.resolve("new").resolve("kept.sqlite");
        keeps(file.toString());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("new"))))
                .isEqualTo("rwx------");
    }

    @Test
    void anyDatabaseKeepsThem() {
        keeps("jdbc:duckdb:" + folder.resolve("kept.duckdb"));
    }

    @Test
    void aFileIsMadeWithTheFirstOne() {
        Path file = folder.resolve("lazy.sqlite");
        try (Server server = server(file.toString())) {
            assertThat(file).doesNotExist();
            new Client(server).ok("/documents", TEXT);
            assertThat(file).exists();
        }
    }

    @Test
    void idsCannotBeGuessedAndAreAllThatIsAskedFor() {
        try (Server server = server(folder.resolve("ids.sqlite").toString())) {
            Client client = new Client(server);
            TreeSet<String> ids = new TreeSet<>();
            for (int i = 0; i < 50; i++) {
                ids.add(client.ok("/documents", TEXT).get("id").asText());
            }
            assertThat(ids).hasSize(50);
            // 24 hexadecimal digits that have nothing in common.
            assertThat(ids.stream().map(id -> id.substring(4, 12)).collect(Collectors.toSet())).hasSize(50);
            for (String id : List.of("doc_000000000000000000000000", "doc_%25", "_", "doc_%27%20OR%20%271%27=%271",
                    ids.first().toUpperCase(java.util.Locale.ROOT), ids.first() + "0")) {
                assertThat(client.get("/documents/" + id).statusCode()).as(id).isEqualTo(404);
                assertThat(put(client, id, revised(TEXT, 1)).statusCode()).as(id).isEqualTo(404);
            }
            assertThat(client.get("/documents").statusCode()).isBetween(404, 405);
        }
    }

    @Test
    void whatIsTooMuchOrWrongIsRefused() {
        try (Server server = server(folder.resolve("wrong.sqlite").toString())) {
            Client client = new Client(server);
            String span = "{\"text\": \"a\", \"origin\": \"typed\"}";
            for (String body : List.of("{\"spans\": [{\"text\": \"a\"}]}", "{\"spans\": [1]}", "{\"spans\": {}}",
                    "{\"spans\": [{\"text\": \"a\", \"origin\": \"stolen\"}]}", "{\"content\": \"a\"}",
                    "{\"spans\": [{\"text\": \"\\ud800\", \"origin\": \"typed\"}]}",
                    "{\"title\": \"" + "t".repeat(201) + "\"}", "{\"revision\": 1}",
                    "{\"spans\": [" + String.join(",", Collections.nCopies(10_001, span)) + "]}",
                    "{\"spans\": [{\"text\": \"" + "x".repeat(500_001) + "\", \"origin\": \"typed\"}]}")) {
                assertThat(client.post("/documents", body).statusCode())
                        .as(body.substring(0, Math.min(80, body.length()))).isEqualTo(400);
            }
            String largest = "{\"spans\": [" + IntStream.range(0, 10_000).mapToObj(i -> span)
                    .collect(Collectors.joining(",")) + "]}";
            String id = client.ok("/documents", largest).get("id").asText();
            assertThat(Client.tree(client.get("/documents/" + id).body()).get("spans")).hasSize(10_000);
            assertThat(put(client, id, TEXT).body()).contains("revision: got nothing");
        }
    }

    @Test
    void thereAreNoMoreThanThereMayBe() {
        try (Documents documents = Documents.at(folder.resolve("full.sqlite").toString(), 2)) {
            assertThat(documents.add("a", "{}")).isPresent();
            assertThat(documents.add("b", "{}")).isPresent();
            assertThat(documents.add("c", "{}")).isEmpty();
            assertThat(documents.change("b", 1, "{\"title\": \"t\"}")).isPresent();
        }
    }

    @Test
    void aDatabaseThatFailsIsTheServersFaultAndSaysNothing() throws IOException {
        Path file = folder.resolve("damaged.sqlite");
        Files.writeString(file, "no database, but long enough to be taken for one at first sight ".repeat(50));
        try (Server server = server(file.toString())) {
            HttpResponse<String> answer = new Client(server).post("/documents", TEXT);
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).contains("documents: the database failed").doesNotContain("volcano", "sqlite");
            Files.delete(file);
            // It is opened again.
            assertThat(new Client(server).ok("/documents", TEXT).get("revision").asInt()).isEqualTo(1);
        }
    }

    @Test
    void aServerThatKeepsNoneSaysSo() {
        try (Server server = Server.builder().model(model.toString()).start()) {
            assertThat(Client.tree(new Client(server).post("/documents", TEXT).body()).at("/error/code").asText())
                    .isEqualTo("unknown_url");
        }
        assertThatThrownBy(() -> server("jdbc:nothing:x")).isInstanceOf(JformersException.class)
                .hasMessageContaining("no driver of the class path knows");
        assertThatThrownBy(() -> server(folder.toString()))
                .isInstanceOf(JformersException.class).hasMessageContaining("allowed a file");
    }
}
