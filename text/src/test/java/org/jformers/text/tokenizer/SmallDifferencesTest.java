package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes that are no text, streams of them, and pieces that are not to be used: as the references have them. */
final class SmallDifferencesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** All bytes as tokens of one byte, some texts, and a special token. */
    private static Tokenizer bytes(String decoder) throws IOException {
        ObjectNode definition = TokenizerJson.empty();
        ObjectNode vocabulary = definition.putObject("model").put("type", "BPE").putObject("vocab");
        for (int b = 0; b < 256; b++) {
            String byteLevel = Character.toString(ByteLevel.character(b));
            vocabulary.put(decoder.contains("ByteLevel") ? byteLevel : String.format("<0x%02X>", b), b);
        }
        vocabulary.put("text", 256).put("\u4F60", 257);
        ((ObjectNode) definition.get("model")).putArray("merges");
        definition.withArray("added_tokens").add(new AddedToken(258, "<s>", false, false, false, false, true).toJson());
        definition.set("decoder", JSON.readTree(decoder.replace('\'', '"')));
        return TokenizerJson.of(definition, JSON.createObjectNode());
    }

    /** As tokenizers 0.23.2 decodes them. */
    @ParameterizedTest
    @CsvSource({
        "ED A0 80, ???, ???", "ED A0, ??, ??", "ED 9F BF, \uD7FF, \uD7FF", "E4, ?, ?", "E4 BD, ??, ?",
        "F4 90 80 80, ????, ????", "ED BF BF ED A0, ?????, ?????", "61 ED A0 80 62, ?????, a???b", "C0 80, ??, ??"
    })
    void decodesBytesThatAreNoText(String hex, String fallback, String byteLevel) throws IOException {
        int[] ids = Arrays.stream(hex.split(" ")).mapToInt(b -> Integer.parseInt(b, 16)).toArray();

        assertThat(bytes("{'type': 'ByteFallback'}").decode(ids)).isEqualTo(fallback.replace('?', '\uFFFD'));
        assertThat(bytes("{'type': 'ByteLevel', 'add_prefix_space': true, 'trim_offsets': true}").decode(ids))
                .isEqualTo(byteLevel.replace('?', '\uFFFD'));
    }

    /** Cut characters, whole ones, wrong bytes and special tokens between them. */
    @Test
    void piecesOfAStreamAreTheDecodedText() throws IOException {
        Random random = new Random(1);
        byte[] good = "\u4F60\uD83D\uDE00a\u00E9".getBytes(StandardCharsets.UTF_8);
        for (String decoder : new String[] {
            "{'type': 'ByteFallback'}",
            "{'type': 'Sequence', 'decoders': [{'type': 'ByteFallback'}, {'type': 'Fuse'}]}",
            "{'type': 'ByteLevel', 'add_prefix_space': true, 'trim_offsets': true}"}) {
            Tokenizer tokenizer = bytes(decoder);
            for (int round = 0; round < 2000; round++) {
                int[] ids = random.ints(random.nextInt(1, 16), 0, 10)
                        .map(kind -> kind < 6
                                ? good[random.nextInt(good.length)] & 0xFF
                                : kind < 8 ? random.nextInt(256) : 256 + random.nextInt(3))
                        .toArray();
                if (round % 3 == 0) {
                    int from = random.nextInt(good.length);
                    ids = IntStream.range(from, good.length + 4)
                            .map(i -> good[i % good.length] & 0xFF)
                            .toArray();
                }
                TokenStream stream = tokenizer.stream();
                StringBuilder text = new StringBuilder();
                for (int id : ids) {
                    text.append(stream.next(id));
                }
                assertThat(text.append(stream.finish()).toString()).isEqualTo(tokenizer.decode(ids));
            }
        }
    }

    @Test
    void streamsWordsAtOnce() throws IOException {
        TokenStream stream = bytes("{'type': 'ByteFallback'}").stream();

        assertThat(stream.next(256)).isEqualTo("text");
        assertThat(stream.next(0xE4)).isEmpty();
        assertThat(stream.next(0xBD)).isEmpty();
        assertThat(stream.next(0xA0)).isEmpty();
        assertThat(stream.next(256)).isEqualTo("\u4F60text");
    }

    @Test
    void cutsUnusedPiecesAgain() throws IOException {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
                getClass().getResourceAsStream("/sentencepiece-unused.jsonl"), StandardCharsets.UTF_8))) {
            int lines = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonNode golden = JSON.readTree(line);
                SentencePiece library = new SentencePiece(SentencePieceModel.parse(
                        Base64.getDecoder().decode(golden.get("model").textValue())));
                for (int i = 0; i < golden.get("texts").size(); i++) {
                    String text = golden.get("texts").get(i).textValue();
                    List<String> pieces = new ArrayList<>();
                    library.encode(Text.of(text)).forEach(found -> pieces.add(found.text()));
                    List<String> expected = new ArrayList<>();
                    golden.get("pieces").get(i).forEach(piece -> expected.add(piece.textValue()));
                    assertThat(pieces).as(text).isEqualTo(expected);
                }
                lines++;
            }
            assertThat(lines).isEqualTo(5);
        }
    }
}
