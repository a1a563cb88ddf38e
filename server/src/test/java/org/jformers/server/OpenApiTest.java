package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaId;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jformers.pipeline.call.CalledTasks;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The description of the routes: all of them, and what they really take and answer. */
final class OpenApiTest {
    private static final String PLACE = "https://jformers.org/openapi.json";
    private static final String KEY = "a-key";
    private static final String ADMIN = "the-key-of-the-administrator";

    @TempDir
    private static Path folder;

    private static Server server;
    private static Client client;
    private static JsonNode description;
    private static JsonSchemaFactory schemas;

    /** What the dashboard tells of a run. */
    private static final class OneRun implements Runs {
        @Override
        public List<String> names() {
            return List.of("one");
        }

        @Override
        public JsonNode about(String name) {
            return Client.tree("{\"settings\": {\"seed\": 1}, \"updated\": 1.5}");
        }

        @Override
        public JsonNode metrics(String name, long from) {
            return Client.tree("""
                    {"rows": [{"step": 1, "split": "train", "time": 2.5, "loss": 0.5}], "last": 9, "more": false}""");
        }
    }

    @BeforeAll
    static void start() throws IOException {
        server = Server.builder()
                .model(TinyChat.llama(Files.createDirectory(folder.resolve("tiny"))).toString())
                .model("vectors", TinyChat.reader(Files.createDirectory(folder.resolve("reader"))).toString())
                .model("ranks", TinyChat.ranker(Files.createDirectory(folder.resolve("ranker"))).toString())
                .model("labels", TinyChat.classifier(Files.createDirectory(folder.resolve("labels"))).toString())
                .keys(List.of(KEY)).adminKeyFile(Files.writeString(folder.resolve("admin"), ADMIN))
                .documents(folder.resolve("documents.sqlite").toString()).runs(new OneRun()).start();
        client = new Client(server, "Authorization", "Bearer " + KEY);
        String text = client.get("/openapi.json").body();
        description = Client.tree(text);
        schemas = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012,
                builder -> builder.schemaLoaders(loaders -> loaders.schemas(Map.of(PLACE, text))));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** The path of a route as OpenAPI writes it. */
    private static String described(String path) {
        return path.startsWith("/pipelines/") ? "/pipelines/{task}" : path.replace('<', '{').replace('>', '}');
    }

    private static JsonSchema schema(String pointer) {
        return schemas.getSchema(SchemaLocation.of(PLACE + "#" + pointer));
    }

    private static void assertFits(JsonNode value, JsonNode content) {
        String pointer = content.at("/schema/$ref").asText().substring(1);
        assertThat(schema(pointer).validate(value)).as(pointer + " " + value).isEmpty();
    }

    @Test
    void everyRouteIsDescribedAndNothingElse() {
        Set<String> routes = server.routes().stream()
                .map(route -> route.method().name().toLowerCase(Locale.ROOT) + " " + described(route.path()))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> found = new TreeSet<>();
        description.get("paths").properties().forEach(path -> path.getValue().fieldNames()
                .forEachRemaining(method -> found.add(method + " " + path.getKey())));
        assertThat(found).isEqualTo(routes);
        assertThat(description.at("/paths/~1pipelines~1{task}/post/parameters/0/schema/enum").valueStream()
                .map(JsonNode::asText)).containsExactlyInAnyOrderElementsOf(CalledTasks.names());
        for (Route route : server.routes()) {
            JsonNode security = description.at("/paths").get(described(route.path()))
                    .get(route.method().name().toLowerCase(Locale.ROOT)).path("security");
            assertThat(security.toString()).as(route.label()).isEqualTo(switch (route.access()) {
                case OPEN -> "[]";
                case KEY -> "";
                case ADMIN -> "[{\"administrator\":[]}]";
            });
        }
        assertThat(new Client(server).get("/openapi.json").statusCode()).isEqualTo(401);
    }

    @Test
    void itsSchemasAreSchemas() {
        assertThat(description.get("openapi").asText()).startsWith("3.1.");
        JsonSchema meta = schemas.getSchema(SchemaLocation.of(SchemaId.V202012));
        description.at("/components/schemas").properties().forEach(each -> {
            assertThat(meta.validate(each.getValue())).as(each.getKey()).isEmpty();
            schema("/components/schemas/" + each.getKey()).initializeValidators(); // finds what is referred to
        });
        for (String reference : description.findValuesAsText("$ref")) {
            assertThat(description.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
        }
    }

    /** A request that is fine. */
    record Asked(String path, String body) {
        Asked streamed() {
            return new Asked(path, body.substring(0, body.lastIndexOf('}')) + ", \"stream\": true}");
        }
    }

    static final List<Asked> ASKED = List.of(
            new Asked("/v1/chat/completions", """
                    {"model": "tiny", "messages": [{"role": "user", "content": "A"}], "max_tokens": 5}"""),
            new Asked("/v1/chat/completions", """
                    {"model": "tiny", "messages": [{"role": "system", "content": [{"type": "text", "text": "A"}]},
                     {"role": "user", "content": "Is it?", "name": "Anna"},
                     {"role": "assistant", "content": null, "tool_calls": [{"id": "1", "type": "function",
                      "function": {"name": "f", "arguments": "{}"}}]},
                     {"role": "tool", "tool_call_id": "1", "content": "yes"}],
                     "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
                     "max_completion_tokens": 5, "n": 2, "seed": 3, "logprobs": true, "top_logprobs": 2,
                     "temperature": 0.5, "top_p": 0.9, "stop": ["zz"], "logit_bias": {"5": 1}, "user": "u"}"""),
            new Asked("/v1/completions", """
                    {"model": "tiny", "prompt": ["A", [5, 6]], "max_tokens": 5, "logprobs": 2}"""),
            new Asked("/v1/completions", "{\"model\": \"tiny\", \"prompt\": [5, 6], \"temperature\": null}"),
            new Asked("/v1/responses", "{\"model\": \"tiny\", \"input\": \"A\", \"max_output_tokens\": 5}"),
            new Asked("/v1/responses", """
                    {"model": "tiny", "instructions": "B", "max_output_tokens": 5, "text": {"format": {"type": "text"}},
                     "tools": [{"type": "function", "name": "f", "strict": false}], "tool_choice": "auto",
                     "input": [{"role": "user", "content": [{"type": "input_text", "text": "A"}]},
                     {"type": "function_call", "call_id": "1", "name": "f", "arguments": "{}"},
                     {"type": "function_call_output", "call_id": "1", "output": "yes"}]}"""),
            new Asked("/v1/embeddings", "{\"model\": \"vectors\", \"input\": [\"A\", \"is it\"]}"),
            new Asked("/v1/embeddings", """
                    {"model": "vectors", "input": "A", "encoding_format": "base64", "dimensions": 16}"""),
            new Asked("/v1/rerank", """
                    {"model": "ranks", "query": "A", "documents": ["is", "it"], "return_documents": true}"""),
            new Asked("/tokenize", "{\"model\": \"tiny\", \"text_input\": \"A\", \"return_ids\": true}"),
            new Asked("/detokenize", "{\"model\": \"tiny\", \"tokens_ids\": [5, 6], \"skip_special_tokens\": true}"),
            new Asked("/forward", "{\"model\": \"labels\", \"inputs\": \"A\"}"),
            new Asked("/pipelines/text-classification", "{\"model\": \"labels\", \"inputs\": \"A\", \"top_k\": 2}"),
            new Asked("/pipelines/embeddings", "{\"model\": \"vectors\", \"inputs\": \"A\"}"),
            new Asked("/look", "{\"model\": \"tiny\", \"text\": \"A is\", \"alternatives\": 2, \"neighbours\": 1}"),
            new Asked("/look/attention", "{\"model\": \"tiny\", \"text\": \"A is\", \"layer\": 0, \"head\": 1}"),
            new Asked("/look/masks", "{\"model\": \"tiny\"}"),
            new Asked("/look/mask", "{\"mask\": {\"type\": \"nn.mask.CausalMask\"}, \"length\": 3}"),
            new Asked("/documents", "{\"title\": \"A\", \"spans\": [{\"text\": \"B\", \"origin\": \"typed\"}]}"));

    private static JsonNode operation(String path, String method) {
        return description.at("/paths").get(described(path)).get(method);
    }

    private static void assertAnswers(JsonNode operation, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        String type = answer.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
        JsonNode content = operation.at("/responses/200/content").get(type);
        assertThat(content).as(type).isNotNull();
        if (type.equals("application/json")) {
            assertFits(Client.tree(answer.body()), content);
        } else if (type.equals("text/event-stream")) {
            answer.body().lines().filter(line -> line.startsWith("data: {"))
                    .forEach(line -> assertFits(Client.tree(line.substring(6)), content));
        }
    }

    @Test
    void whatIsAskedAndAnsweredFits() {
        for (Asked asked : ASKED) {
            JsonNode operation = operation(asked.path(), "post");
            JsonNode request = operation.at("/requestBody/content").get("application/json");
            assertFits(Client.tree(asked.body()), request);
            assertAnswers(operation, client.post(asked.path(), asked.body()));
            if (operation.at("/responses/200/content").has("text/event-stream")) {
                assertFits(Client.tree(asked.streamed().body()), request);
                HttpResponse<String> stream = client.post(asked.path(), asked.streamed().body());
                assertThat(stream.body()).contains("data: {");
                assertAnswers(operation, stream);
            }
        }
        for (String path : List.of("/health", "/ready", "/v1/models", "/metrics", "/runs")) {
            assertAnswers(operation(path, "get"), client.get(path));
        }
        assertAnswers(operation("/v1/models/{name}", "get"), client.get("/v1/models/labels"));
        assertAnswers(operation("/runs/metrics", "get"), client.get("/runs/metrics?run=one"));
        String id = client.ok("/documents", "{\"title\": \"A\"}").get("id").asText();
        assertAnswers(operation("/documents/{id}", "get"), client.get("/documents/" + id));
        assertAnswers(operation("/documents/{id}", "put"), client.send(client.request("/documents/" + id)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"title\": \"B\", \"revision\": 1}")).build()));
        Client admin = new Client(server, "Authorization", "Bearer " + ADMIN);
        for (String path : List.of("/admin/unload", "/admin/load")) {
            assertAnswers(operation(path, "post"), admin.post(path, "{\"model\": \"labels\"}"));
        }
    }

    /** What the description does not allow, the server refuses, in the form that it says. */
    @Test
    void whatDoesNotFitIsRefused() {
        JsonNode error = description.at("/components/responses/Error/content").get("application/json");
        for (Asked asked : ASKED) {
            String body = asked.body().substring(0, asked.body().lastIndexOf('}')) + ", \"unheard_of\": 1}";
            JsonNode request = operation(asked.path(), "post").at("/requestBody/content/application~1json/schema");
            boolean open = description.at(request.get("$ref").asText().substring(1)).get("additionalProperties")
                    .booleanValue(); // options of pipelines are their own
            assertThat(schema(request.get("$ref").asText().substring(1)).validate(Client.tree(body)).isEmpty())
                    .isEqualTo(open);
            HttpResponse<String> answer = client.post(asked.path(), body);
            assertThat(answer.statusCode()).as(asked.path()).isEqualTo(400);
            assertFits(Client.tree(answer.body()), error);
        }
        for (Route route : server.routes()) {
            if (route.method() == HandlerType.POST) {
                for (Client each : List.of(client, new Client(server))) {
                    HttpResponse<String> answer = each.post(route.path(), "{\"model\": 1}");
                    assertThat(answer.statusCode()).isBetween(400, 401);
                    assertFits(Client.tree(answer.body()), error);
                }
            }
        }
        assertFits(Client.tree(client.get("/none").body()), error);
    }
}
