package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the routes answer. */
final class ServerTest {
    private static final String CHAT = "/v1/chat/completions";

    @TempDir
    private static Path folder;

    private static Server server;
    private static Client client;

    @BeforeAll
    static void start() throws IOException {
        server = Server.builder()
                .model(TinyChat.llama(Files.createDirectory(folder.resolve("tiny"))).toString())
                .model("vectors", TinyChat.reader(Files.createDirectory(folder.resolve("reader"))).toString())
                .model("ranks", TinyChat.ranker(Files.createDirectory(folder.resolve("ranker"))).toString())
                .model("labels", TinyChat.classifier(Files.createDirectory(folder.resolve("labels"))).toString())
                .start();
        client = new Client(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String chat(String more) {
        return """
                {"model": "tiny", "messages": [{"role": "user", "content": "What is a volcano?"}],
                 "max_tokens": 12%s}""".formatted(more);
    }

    private static String text(JsonNode answer) {
        return answer.at("/choices/0/message/content").asText();
    }

    private static String text(List<JsonNode> events, int index) {
        return events.stream().flatMap(event -> event.get("choices").valueStream())
                .filter(choice -> choice.get("index").asInt() == index)
                .map(choice -> choice.at("/delta/content").asText(choice.path("text").asText("")))
                .collect(Collectors.joining());
    }

    @Test
    void answersAConversation() {
        JsonNode answer = client.ok(CHAT, chat(", \"temperature\": 0"));
        assertThat(answer.get("object").asText()).isEqualTo("chat.completion");
        assertThat(answer.get("id").asText()).startsWith("chatcmpl-");
        assertThat(answer.get("model").asText()).isEqualTo("tiny");
        assertThat(answer.at("/choices/0/message/role").asText()).isEqualTo("assistant");
        assertThat(text(answer)).isNotEmpty();
        assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("length");
        assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(12);
        assertThat(answer.at("/usage/total_tokens").asInt())
                .isEqualTo(answer.at("/usage/prompt_tokens").asInt() + 12);
    }

    @Test
    void streamsWhatItAnswersAsAWhole() {
        for (String more : List.of(", \"temperature\": 0", ", \"seed\": 7", ", \"seed\": 7, \"n\": 3, \"top_p\": 0.9",
                ", \"temperature\": 0, \"logprobs\": true, \"top_logprobs\": 2",
                ", \"seed\": 1, \"stop\": [\"e\", \"a\"]")) {
            JsonNode whole = client.ok(CHAT, chat(more));
            List<JsonNode> events = client.events(
                    CHAT, chat(more + ", \"stream\": true, \"stream_options\": {\"include_usage\": true}"));
            for (int i = 0; i < whole.get("choices").size(); i++) {
                int index = i;
                assertThat(text(events, i)).as(more).isEqualTo(whole.at("/choices/" + i + "/message/content").asText());
                List<JsonNode> scores = events.stream().flatMap(event -> event.get("choices").valueStream())
                        .filter(choice -> choice.get("index").asInt() == index)
                        .flatMap(choice -> choice.at("/logprobs/content").valueStream()).toList();
                assertThat(scores).isEqualTo(whole.at("/choices/" + i + "/logprobs/content").valueStream().toList());
            }
            assertThat(events.get(events.size() - 1).get("usage")).isEqualTo(whole.get("usage"));
            assertThat(events.get(events.size() - 1).get("choices")).isEmpty();
            assertThat(events.get(0).get("usage").isNull()).isTrue();
            assertThat(events.get(0).at("/choices/0/delta/role").asText()).isEqualTo("assistant");
        }
    }

    @Test
    void tellsHowLikelyTokensWere() {
        JsonNode answer = client.ok(CHAT, chat(", \"temperature\": 0, \"logprobs\": true, \"top_logprobs\": 3"));
        JsonNode content = answer.at("/choices/0/logprobs/content");
        assertThat(content).hasSize(12);
        content.forEach(token -> {
            assertThat(token.get("logprob").asDouble()).isNegative();
            assertThat(token.get("top_logprobs")).hasSize(3);
            assertThat(token.at("/top_logprobs/0/token")).isEqualTo(token.get("token"));
        });
        assertThat(client.post(CHAT, chat(", \"top_logprobs\": 3")).body()).contains("top_logprobs");
    }

    @Test
    void endsAtStopTextsAndTellsNothingOfThem() {
        String whole = text(client.ok(CHAT, chat(", \"temperature\": 0")));
        for (int from = 1; from < whole.length() - 1; from++) {
            String stop = whole.substring(from, from + 2);
            JsonNode answer = client.ok(CHAT, chat(
                    ", \"temperature\": 0, \"stop\": " + Json.object().textNode(stop)));
            assertThat(text(answer)).isEqualTo(whole.substring(0, whole.indexOf(stop)));
            assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        }
    }

    @Test
    void drawsTheSameFromOneSeedAndOthersFromOthers() {
        List<String> texts = new ArrayList<>();
        for (int seed = 0; seed < 4; seed++) {
            String one = text(client.ok(CHAT, chat(", \"seed\": " + seed)));
            assertThat(text(client.ok(CHAT, chat(", \"seed\": " + seed)))).isEqualTo(one);
            texts.add(one);
        }
        assertThat(texts).doesNotHaveDuplicates();
        JsonNode several = client.ok(CHAT, chat(", \"seed\": 0, \"n\": 4"));
        assertThat(several.get("choices").valueStream().map(choice -> choice.at("/message/content").asText()))
                .isEqualTo(texts);
    }

    @Test
    void biasesAndPenaltiesChangeWhatIsWritten() {
        String greedy = text(client.ok(CHAT, chat(", \"temperature\": 0")));
        int only = TinyChat.tokenizer().encodePlain("a").ids()[0];
        assertThat(text(client.ok(CHAT, chat(", \"temperature\": 0, \"logit_bias\": {\"" + only + "\": 100}"))))
                .isEqualTo("a".repeat(12));
        JsonNode bound = client.ok(CHAT, chat(", \"temperature\": 0, \"frequency_penalty\": 2, "
                + "\"presence_penalty\": 2, \"logit_bias\": {\"" + only + "\": 20}"));
        assertThat(text(bound)).startsWith("a").isNotEqualTo("a".repeat(12)).isNotEqualTo(greedy);
    }

    @Test
    void goesOnWithTexts() {
        String body = """
                {"model": "tiny", "prompt": ["A volcano", [10, 11, 12]], "max_tokens": 5, "temperature": 0,
                 "logprobs": 1%s}""";
        JsonNode answer = client.ok("/v1/completions", body.formatted(""));
        assertThat(answer.get("choices")).hasSize(2);
        assertThat(answer.at("/choices/1/logprobs/token_logprobs")).hasSize(5);
        List<JsonNode> events = client.events("/v1/completions", body.formatted(", \"stream\": true"));
        for (int i = 0; i < 2; i++) {
            assertThat(text(events, i)).isEqualTo(answer.at("/choices/" + i + "/text").asText());
        }
        assertThat(client.ok("/v1/completions", "{\"model\": \"tiny\", \"prompt\": \"A\"}")
                .at("/usage/completion_tokens").asInt()).isEqualTo(16);
    }

    @Test
    void answersInTheFormOfResponses() {
        String body = """
                {"model": "tiny", "instructions": "Be brief.", "max_output_tokens": 8, "temperature": 0,
                 "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hello"}]}]%s}""";
        JsonNode answer = client.ok("/v1/responses", body.formatted(""));
        assertThat(answer.get("status").asText()).isEqualTo("incomplete");
        assertThat(answer.at("/usage/output_tokens").asInt()).isEqualTo(8);
        String text = answer.at("/output/0/content/0/text").asText();
        assertThat(text).isNotEmpty();
        List<JsonNode> events = client.post("/v1/responses", body.formatted(", \"stream\": true")).body().lines()
                .filter(line -> line.startsWith("data: ")).map(line -> Client.tree(line.substring(6))).toList();
        assertThat(events.stream().filter(event -> event.get("type").asText().equals("response.output_text.delta"))
                .map(event -> event.get("delta").asText()).collect(Collectors.joining())).isEqualTo(text);
        assertThat(events).extracting(event -> event.get("sequence_number").asInt())
                .isEqualTo(events.stream().map(events::indexOf).toList());
        assertThat(events.get(events.size() - 1).at("/response/output/0/content/0/text").asText()).isEqualTo(text);
    }

    /** A conversation with functions is the same to the template, whichever of the two APIs it comes by. */
    @Test
    void responsesKnowFunctionsAsChatsDo() {
        String parameters = "{\"type\": \"object\", \"properties\": {\"place\": {\"type\": \"string\"}}}";
        JsonNode chat = client.ok(CHAT, """
                {"model": "tiny", "max_tokens": 8, "temperature": 0, "tools": [{"type": "function",
                  "function": {"name": "weather", "description": "of a place", "parameters": %s}}],
                 "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"},
                  {"role": "assistant", "content": "", "tool_calls": [{"id": "call_1", "type": "function",
                   "function": {"name": "weather", "arguments": "{\\"place\\": \\"Etna\\"}"}}]},
                  {"role": "tool", "tool_call_id": "call_1", "content": "clear"}]}""".formatted(parameters));
        String body = """
                {"model": "tiny", "max_output_tokens": 8, "temperature": 0, "instructions": "Be brief.",
                 "tools": [{"type": "function", "name": "weather", "description": "of a place", "parameters": %s}],
                 "input": [{"role": "user", "content": "Hello"},
                  {"type": "function_call", "call_id": "call_1", "name": "weather",
                   "arguments": "{\\"place\\": \\"Etna\\"}"},
                  {"type": "function_call_output", "call_id": "call_1", "output": "clear"}]}""".formatted(parameters);
        JsonNode answer = client.ok("/v1/responses", body);
        assertThat(answer.at("/usage/input_tokens")).isEqualTo(chat.at("/usage/prompt_tokens"));
        assertThat(answer.at("/output/0/content/0/text").asText()).isEqualTo(text(chat));
        assertThat(answer.at("/tools/0/name").asText()).isEqualTo("weather");
        assertThat(client.post("/v1/responses", body.replace("function_call_output", "reasoning")).body())
                .contains("unsupported_value", "function_call_output");
        assertThat(client.post("/v1/responses", body.replace("\"type\": \"function\"", "\"type\": \"web_search\""))
                .body()).contains("unsupported_value", "tools.type");
    }

    @Test
    void makesVectorsAndRanks() {
        JsonNode vectors = client.ok("/v1/embeddings", "{\"model\": \"vectors\", \"input\": [\"A volcano\", \"a\"]}");
        assertThat(vectors.get("data")).hasSize(2);
        assertThat(vectors.at("/data/0/embedding")).hasSize(16);
        JsonNode packed = client.ok("/v1/embeddings",
                "{\"model\": \"vectors\", \"input\": \"A volcano\", \"encoding_format\": \"base64\"}");
        byte[] bytes = Base64.getDecoder().decode(packed.at("/data/0/embedding").asText());
        float first = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getFloat();
        assertThat(first).isEqualTo(vectors.at("/data/0/embedding/0").floatValue());
        JsonNode ranks = client.ok("/v1/rerank", """
                {"model": "ranks", "query": "a", "documents": ["A volcano", "user", "mountain"], "top_n": 2,
                 "return_documents": true}""");
        assertThat(ranks.get("results")).hasSize(2);
        assertThat(ranks.at("/results/0/relevance_score").asDouble())
                .isGreaterThanOrEqualTo(ranks.at("/results/1/relevance_score").asDouble());
    }

    @Test
    void listsModels() {
        JsonNode models = Client.tree(client.get("/v1/models").body());
        assertThat(models.get("data").valueStream().map(model -> model.get("id").asText()))
                .containsExactlyInAnyOrder("tiny", "vectors", "ranks", "labels");
        assertThat(Client.tree(client.get("/v1/models/ranks").body()).get("task").asText()).isEqualTo("reranking");
        assertThat(client.get("/v1/models/none").statusCode()).isEqualTo(404);
        assertThat(client.post(CHAT, chat("").replace("tiny", "none")).body()).contains("model_not_found");
    }

    @Test
    void runsPipelinesAndTokenizers() {
        assertThat(client.ok("/pipelines/text-classification",
                "{\"model\": \"labels\", \"inputs\": \"A volcano\", \"top_k\": null}")).hasSize(2);
        assertThat(client.ok("/forward", "{\"model\": \"labels\", \"inputs\": \"A volcano\"}").get("output"))
                .hasSize(1);
        assertThat(client.ok("/forward", "{\"model\": \"labels\", \"inputs\": \"\"}").get("output")).isEmpty();
        JsonNode tokens = client.ok("/tokenize",
                "{\"model\": \"tiny\", \"text_input\": \"A volcano\", \"return_ids\": true}");
        assertThat(client.ok("/detokenize", "{\"model\": \"tiny\", \"tokens_ids\": " + tokens.get("tokens_ids") + "}")
                .get("text").asText()).isEqualTo("A volcano");
        assertThat(client.ok("/pipelines/text-generation", """
                {"model": "tiny", "inputs": "A volcano", "max_new_tokens": 3, "do_sample": false,
                 "return_full_text": true}""").at("/0/generated_text").asText()).startsWith("A volcano");
    }

    /** What a second request need not read again, and what several answers to a prompt read once. */
    @Test
    void aTextThatWasReadIsNotReadAgain() {
        String body = """
                {"model": "tiny", "prompt": "Where is the mountain of which it is said that it %s",
                 "max_tokens": 4, "n": 3, "seed": 1}""";
        JsonNode first = client.ok("/v1/completions", body.formatted("smokes"));
        JsonNode second = client.ok("/v1/completions", body.formatted("smokes"));
        assertThat(second.get("choices")).isEqualTo(first.get("choices"));
        assertThat(first.at("/usage/prompt_tokens_details/cached_tokens").asInt()).isZero();
        assertThat(second.at("/usage/prompt_tokens_details/cached_tokens").asInt())
                .isEqualTo(second.at("/usage/prompt_tokens").asInt() - 1);
        JsonNode other = client.ok("/v1/completions", body.formatted("sleeps"));
        assertThat(other.at("/usage/prompt_tokens_details/cached_tokens").asInt())
                .isBetween(5, other.at("/usage/prompt_tokens").asInt() - 2);
        String chat = chat(", \"temperature\": 0");
        client.ok(CHAT, chat);
        assertThat(client.ok(CHAT, chat).at("/usage/prompt_tokens_details/cached_tokens").asInt()).isPositive();
        try (Server strangers = Server.builder().model(folder.resolve("tiny").toString())
                .keys(List.of("a", "b")).start()) {
            Client one = new Client(strangers, "Authorization", "Bearer a");
            one.ok("/v1/completions", body.formatted("smokes"));
            assertThat(one.ok("/v1/completions", body.formatted("smokes"))
                    .at("/usage/prompt_tokens_details/cached_tokens").asInt()).isZero();
        }
    }

    /** A ViT of 8 x 8 pixels. */
    private static Path images() throws IOException {
        Path made = folder.resolve("images");
        try (Model model = AutoModel.create(AutoConfig.parse(Client.tree("""
                {"model_type": "vit", "architectures": ["ViTForImageClassification"], "hidden_size": 16,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "image_size": 8,
                 "patch_size": 4, "num_channels": 3, "id2label": {"0": "dark", "1": "light"}}"""), "test"),
                Task.IMAGE_CLASSIFICATION, 1)) {
            model.save(made);
        }
        Files.writeString(made.resolve("preprocessor_config.json"), """
                {"image_processor_type": "ViTImageProcessor", "do_resize": true, "size": {"height": 8, "width": 8},
                 "resample": 2, "do_rescale": true, "rescale_factor": 0.00392156862745098, "do_normalize": true,
                 "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}""");
        return made;
    }

    @Test
    void saysWhatImagesShow() throws IOException {
        server.load("images", images().toString());
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(10, 6, BufferedImage.TYPE_INT_RGB), "png", png);
        String image = Base64.getEncoder().encodeToString(png.toByteArray());
        assertThat(client.ok("/forward", "{\"model\": \"images\", \"inputs\": \"" + image + "\"}").get("output"))
                .hasSize(2);
        assertThat(client.post("/forward", "{\"model\": \"images\", \"inputs\": \"AAAA\"}").statusCode())
                .isEqualTo(400);
        assertThat(client.post("/tokenize", "{\"model\": \"images\", \"text_input\": \"a\"}").body())
                .contains("got one for image-classification");
        server.unload("images");
    }

    @Test
    void measures() {
        client.ok(CHAT, chat(""));
        String metrics = client.get("/metrics").body();
        assertThat(metrics).contains(
                "jformers_requests_seconds_count{route=\"POST /v1/chat/completions\",status=\"200\"}",
                "jformers_tokens_total{kind=\"new\",model=\"tiny\"}",
                "jformers_requests_waiting{model=\"tiny\"} 0");
        assertThat(client.get("/health").statusCode()).isEqualTo(200);
        assertThat(client.get("/ready").statusCode()).isEqualTo(200);
        assertThat(client.get("/").body()).contains("jformers serves");
    }

    @Test
    void modelsComeAndGoWhileOthersServe() throws Exception {
        server.load("more", folder.resolve("tiny").toString());
        String body = chat(", \"temperature\": 0, \"stream\": true")
                .replace("\"max_tokens\": 12", "\"max_tokens\": 400");
        try (Stream<String> lines = client.lines(CHAT, body.replace("tiny", "more")).body()) {
            Iterator<String> each = lines.iterator();
            each.next();
            Thread going = new Thread(() -> server.unload("more"));
            going.start();
            assertThat(client.ok(CHAT, chat("")).at("/usage/completion_tokens").asInt()).isEqualTo(12);
            List<String> left = new ArrayList<>();
            each.forEachRemaining(left::add);
            assertThat(left).contains("data: [DONE]");
            going.join();
        }
        assertThat(client.post(CHAT, chat("").replace("tiny", "more")).statusCode()).isEqualTo(404);
    }
}
