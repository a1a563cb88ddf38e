package org.jformers.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jformers.testkit.TinyChat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is shown of the inside of models. */
final class LookTest {
    private static final String TEXT = "A volcano is a mountain. \\ud83c\\udf0b";

    @TempDir
    private static Path folder;

    private static Server server;
    private static Client client;

    @BeforeAll
    static void start() throws IOException {
        server = Server.builder()
                .model(TinyChat.llama(Files.createDirectory(folder.resolve("tiny"))).toString())
                .model(TinyChat.classifier(Files.createDirectory(folder.resolve("labels"))).toString())
                .start();
        client = new Client(server);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode look(String model) {
        return client.ok("/look", "{\"model\": \"" + model + "\", \"text\": \"" + TEXT
                + "\", \"alternatives\": 3, \"neighbours\": 2}");
    }

    private static List<Double> row(JsonNode row) {
        return row.valueStream().map(JsonNode::doubleValue).toList();
    }

    @Test
    void tokensSayWhereTheyStand() {
        JsonNode tokens = look("tiny").get("tokens");
        assertThat(tokens.valueStream().map(token -> token.get("id").asInt()).toList()).isEqualTo(
                client.ok("/tokenize", "{\"model\": \"tiny\", \"text_input\": \"" + TEXT + "\", \"return_ids\": true}")
                        .get("tokens_ids").valueStream().map(JsonNode::asInt).toList());
        String text = "A volcano is a mountain. \ud83c\udf0b";
        int[] points = text.codePoints().toArray();
        JsonNode first = tokens.get(0);
        assertThat(new String(points, first.get("start").asInt(), first.get("end").asInt())).isEqualTo("A");
        assertThat(tokens.get(tokens.size() - 1).get("end").asInt()).isEqualTo(points.length);
        assertThat(tokens.valueStream().noneMatch(token -> token.get("special").asBoolean())).isTrue();
    }

    @Test
    void predictionsAreThoseOfWhatIsWritten() {
        JsonNode seen = look("tiny");
        assertThat(seen.get("predicts").asText()).isEqualTo("next");
        JsonNode predictions = seen.get("predictions");
        int last = predictions.size() - 1;
        assertThat(predictions).hasSize(seen.get("tokens").size());
        // The place of the last token predicts what the engine then writes, as likely as the engine says.
        JsonNode written = client.ok("/v1/completions", """
                {"model": "tiny", "prompt": "%s", "max_tokens": 1, "temperature": 0, "logprobs": 1}""".formatted(TEXT));
        JsonNode best = predictions.get(last).at("/best/0");
        assertThat(best.get("text")).isEqualTo(written.at("/choices/0/logprobs/tokens/0"));
        assertThat(Math.log(best.get("probability").asDouble()))
                .isCloseTo(written.at("/choices/0/logprobs/token_logprobs/0").asDouble(), within(1e-3));
        assertThat(predictions.get(last).has("actual")).isFalse();
        for (int i = 0; i < last; i++) {
            JsonNode actual = predictions.get(i).get("actual");
            assertThat(actual.get("id")).isEqualTo(seen.at("/tokens/" + (i + 1) + "/id"));
            boolean among = predictions.get(i).get("best").valueStream()
                    .anyMatch(choice -> choice.get("id").equals(actual.get("id")));
            assertThat(actual.get("rank").asInt() <= 3).isEqualTo(among);
        }
    }

    @Test
    void attentionAddsUpAndLooksBackAlone() {
        JsonNode seen = look("tiny");
        int length = seen.get("tokens").size();
        assertThat(length).isGreaterThan(16);
        assertThat(seen.get("maps")).hasSize(2);
        for (int layer = 0; layer < 2; layer++) {
            assertThat(seen.get("maps").get(layer)).hasSize(4);
            double[][] mean = new double[length][length];
            for (int head = 0; head < 4; head++) {
                JsonNode weights = attention(layer, ", \"head\": " + head);
                double largest = 0;
                for (int i = 0; i < length; i++) {
                    List<Double> row = row(weights.get(i));
                    assertThat(row).hasSize(length);
                    assertThat(row.stream().mapToDouble(Double::doubleValue).sum()).isCloseTo(1, within(1e-4));
                    assertThat(row.subList(i + 1, length)).allMatch(weight -> weight == 0);
                    for (int j = 0; j < length; j++) {
                        mean[i][j] += row.get(j) / 4;
                        largest = Math.max(largest, row.get(j));
                    }
                }
                JsonNode map = seen.get("maps").get(layer).get(head);
                assertThat(map).hasSize(16);
                assertThat(map.valueStream().flatMap(JsonNode::valueStream).mapToDouble(JsonNode::asDouble).max())
                        .hasValue(largest);
            }
            JsonNode all = attention(layer, "");
            for (int i = 0; i < length; i++) {
                for (int j = 0; j < length; j++) {
                    assertThat(all.get(i).get(j).asDouble()).isCloseTo(mean[i][j], within(1e-5));
                }
            }
        }
    }

    private static JsonNode attention(int layer, String more) {
        return client.ok("/look/attention", "{\"model\": \"tiny\", \"text\": \"" + TEXT + "\", \"layer\": " + layer
                + more + "}").get("weights");
    }

    @Test
    void likeTokensAreNearestBeforeTheFirstLayer() {
        JsonNode seen = client.ok("/look", "{\"model\": \"tiny\", \"text\": \"xyzxqqz\", \"neighbours\": 6}");
        int length = seen.get("tokens").size();
        assertThat(length).isEqualTo(7);
        assertThat(seen.get("neighbours")).hasSize(3);
        JsonNode embeddings = seen.get("neighbours").get(0);
        assertThat(embeddings.get(0).get(0).get("token").asInt()).isEqualTo(3);
        assertThat(embeddings.get(3).get(0).get("token").asInt()).isZero();
        assertThat(embeddings.get(4).get(0).get("token").asInt()).isEqualTo(5);
        assertThat(embeddings.get(0).get(0).get("cosine").asDouble()).isCloseTo(1, within(1e-5));
        for (JsonNode layer : seen.get("neighbours")) {
            for (int token = 0; token < length; token++) {
                List<Integer> near = layer.get(token).valueStream().map(one -> one.get("token").asInt()).toList();
                assertThat(near).hasSize(length - 1).doesNotContain(token).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void modelsThatPredictNothingShowTheRest() {
        JsonNode seen = look("labels");
        assertThat(seen.get("predicts").asText()).isEqualTo("nothing");
        assertThat(seen.get("predictions")).isEmpty();
        assertThat(seen.get("maps")).hasSize(1);
    }

    @Test
    void masksOfAModelAreDrawn() {
        JsonNode masks = client.ok("/look/masks", "{\"model\": \"tiny\"}").get("masks");
        assertThat(masks).hasSize(1);
        assertThat(masks.at("/0/mask/type").asText()).isEqualTo("nn.mask.CausalMask");
        assertThat(masks.at("/0/places")).hasSize(2);
        assertThat(pattern(masks.at("/0/mask").toString(), "\"length\": 3")).isEqualTo("100 110 111");
    }

    private static String pattern(String mask, String row) {
        return client.ok("/look/mask", "{\"mask\": " + mask + ", " + row + "}").get("pattern").valueStream()
                .map(JsonNode::asText).collect(Collectors.joining(" "));
    }

    @Test
    void anyMaskIsDrawn() {
        assertThat(pattern("{\"type\": \"nn.mask.FullMask\"}", "\"length\": 2")).isEqualTo("11 11");
        assertThat(pattern("{\"type\": \"nn.mask.PrefixMask\", \"prefix\": 2}", "\"length\": 4"))
                .isEqualTo("1100 1100 1110 1111");
        assertThat(pattern("""
                {"type": "nn.mask.BothMask", "first": {"type": "nn.mask.CausalMask"},
                 "second": {"type": "nn.mask.SlidingWindowMask", "window": 2}}""", "\"length\": 4"))
                .isEqualTo("1000 1100 0110 0011");
        assertThat(pattern("{\"type\": \"nn.mask.DocumentMask\", \"lengths\": [1, 2]}", "\"length\": 4"))
                .isEqualTo("1000 0110 0110 0001");
        // Padding is seen by nobody, and with some masks blind itself.
        assertThat(pattern("{\"type\": \"nn.mask.FullMask\"}", "\"attention_mask\": [0, 1, 1]"))
                .isEqualTo("011 011 011");
        assertThat(pattern("{\"type\": \"nn.mask.MutualMask\"}", "\"attention_mask\": [0, 1, 1]"))
                .isEqualTo("000 011 011");
    }

    @Test
    void refusesWhatIsTooMuchOrNoMask() {
        for (String wrong : List.of(
                "{\"mask\": {\"type\": \"nn.mask.CausalMask\"}}",
                "{\"mask\": {\"type\": \"nn.mask.CausalMask\"}, \"length\": 513}",
                "{\"mask\": {\"type\": \"nn.mask.CausalMask\"}, \"length\": 2, \"attention_mask\": [1, 1]}",
                "{\"mask\": {\"type\": \"nn.mask.CausalMask\"}, \"attention_mask\": [2]}",
                "{\"mask\": {\"type\": \"nn.block.Block\"}, \"length\": 2}",
                "{\"mask\": {\"type\": \"java.lang.Runtime\"}, \"length\": 2}",
                "{\"mask\": {\"type\": \"nn.mask.Mask\"}, \"length\": 2}",
                "{\"mask\": [], \"length\": 2}",
                "{\"mask\": {\"type\": \"nn.mask.StridedMask\", \"stride\": 0}, \"length\": 2}",
                "{\"mask\": {\"type\": \"nn.mask.StridedMask\"}, \"length\": 2}",
                "{\"mask\": {\"type\": \"nn.mask.PermutationMask\", \"order\": [0], \"stream\": \"QUERY\"},"
                        + " \"length\": 2}",
                "{\"mask\": {\"type\": \"nn.mask.StridedMask\", \"stride\": \"" + "x".repeat(9000) + "\"},"
                        + " \"length\": 2}",
                "{\"mask\": " + "{\"type\": \"nn.mask.EitherMask\", \"first\": ".repeat(17)
                        + "1, \"second\": 1}".repeat(17) + ", \"length\": 2}")) {
            assertThat(client.post("/look/mask", wrong)).as(wrong).satisfies(answer -> {
                assertThat(answer.statusCode()).isEqualTo(400);
                assertThat(answer.body()).contains("\"param\":").hasSizeLessThan(500);
            });
        }
        assertThat(client.post("/look", "{\"model\": \"tiny\", \"text\": \"\"}").statusCode()).isEqualTo(400);
        String longer = client.post("/look", "{\"model\": \"tiny\", \"text\": \"" + "x".repeat(600) + "\"}").body();
        assertThat(longer).contains("text: got 600 tokens, allowed up to 512");
        assertThat(client.post("/look/attention", "{\"model\": \"tiny\", \"text\": \"x\", \"layer\": 2}").body())
                .contains("layer: got 2, allowed 0 to 1");
        assertThat(client.post("/look/attention", "{\"model\": \"tiny\", \"text\": \"x\", \"layer\": 0, \"head\": 4}")
                .body()).contains("head: got 4, allowed 0 to 3");
    }
}
