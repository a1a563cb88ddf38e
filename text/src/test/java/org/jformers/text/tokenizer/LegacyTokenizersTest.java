package org.jformers.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LegacyTokenizersTest {
    @TempDir
    private Path folder;

    static byte[] llama2c() {
        ByteBuffer out = ByteBuffer.allocate(8192).order(ByteOrder.LITTLE_ENDIAN).putInt(7);
        token(out, "<unk>", 0);
        token(out, "\n<s>\n", 0);
        token(out, "\n</s>\n", 0);
        for (int b = 0; b < 256; b++) {
            token(out, String.format("<0x%02X>", b), 0);
        }
        token(out, " h", -1);
        token(out, " hi", -2);
        for (String character : new String[] {" ", "h", "i"}) {
            token(out, character, -3);
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void token(ByteBuffer out, String token, float score) {
        byte[] bytes = token.getBytes(StandardCharsets.UTF_8);
        out.putFloat(score).putInt(bytes.length).put(bytes);
    }

    @Test
    void readsTheTokenizerOfLlama2c() throws IOException {
        Tokenizer tokenizer = AutoTokenizer.load(Files.write(folder.resolve("tokenizer.bin"), llama2c()));

        assertThat(tokenizer.encode("hi é").tokens())
                .containsExactly("<s>", "\u2581hi", "\u2581", "<0xC3>", "<0xA9>");
        assertThat(tokenizer.decode(tokenizer.encode("hi é").ids())).isEqualTo("hi é");
        assertThat(tokenizer.encodePlain("<s>").tokens())
                .as("text is never a token of the ends, as in sentencepiece")
                .containsExactly("\u2581", "<0x3C>", "<0x73>", "<0x3E>");
        assertThat(AutoTokenizer.load(folder).vocabSize()).isEqualTo(tokenizer.vocabSize());
        tokenizer.save(folder.resolve("saved"));
        assertThat(AutoTokenizer.load(folder.resolve("saved")).encode("hi é").ids())
                .isEqualTo(tokenizer.encode("hi é").ids());
    }

    @Test
    void refusesADamagedTokenizerOfLlama2c() throws IOException {
        byte[] whole = llama2c();
        Path file = Files.write(folder.resolve("tokenizer.bin"), Arrays.copyOf(whole, whole.length - 1));

        assertThatThrownBy(() -> AutoTokenizer.load(file))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("is damaged");
    }

    /** All bytes and four tokens more. */
    static String ranks() {
        StringBuilder lines = new StringBuilder();
        int rank = 0;
        for (int b = 0; b < 256; b++) {
            lines.append(line(new byte[] {(byte) b}, rank++));
        }
        for (String token : new String[] {"ab", "cd", "abcd", "12"}) {
            lines.append(line(token.getBytes(StandardCharsets.UTF_8), rank++));
        }
        return lines.toString();
    }

    @Test
    void readsTiktokenRanks() throws IOException {
        Path file = Files.writeString(folder.resolve("r50k_mine.tiktoken"), ranks());
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"added_tokens_decoder\": {\"300\": {\"content\": \"<|endoftext|>\", \"special\": true}}}");
        Tokenizer tokenizer = AutoTokenizer.load(file);

        assertThat(tokenizer.encode("abcd12<|endoftext|>").ids()).containsExactly(258, 259, 300);
        assertThat(tokenizer.decode(tokenizer.encode("é abcd").ids())).isEqualTo("é abcd");
        assertThat(tokenizer.specialTokens().eos()).hasValue(300);
    }

    private static String line(byte[] token, int rank) {
        return Base64.getEncoder().encodeToString(token) + " " + rank + "\n";
    }

    @Test
    void readsTheWordsOfTransformerXl() throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"TransfoXLTokenizer\"}");
        assertThatThrownBy(() -> AutoTokenizer.load(folder)).hasMessageContaining("pickles");

        Files.writeString(folder.resolve("vocab.txt"), "<unk> 9\n<eos> 8\nthe 7\nfox 6\n@-@\n.\n");
        assertThat(AutoTokenizer.load(folder).encode("the fox @-@ dog.").ids()).containsExactly(2, 3, 4, 0, 5);
    }

    @Test
    void readsTheVocabularyOfXlm() throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"XLMTokenizer\"}");
        Files.writeString(
                folder.resolve("vocab.json"), "{\"<s>\":0,\"</s>\":1,\"<unk>\":2,\"h\":3,\"e</w>\":4,\"he</w>\":5}");
        Files.writeString(folder.resolve("merges.txt"), "h e</w> 17\n");

        assertThat(AutoTokenizer.load(folder).encode("HÉ q").ids()).containsExactly(0, 5, 2, 1);
    }

    @Test
    void refusesARoleWithoutAToken() throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\": \"XLMTokenizer\", \"sep_token\": null}");
        Files.writeString(folder.resolve("vocab.json"), "{\"<s>\":0,\"</s>\":1,\"<unk>\":2,\"h\":3,\"e</w>\":4}");
        Files.writeString(folder.resolve("merges.txt"), "");

        assertThatThrownBy(() -> AutoTokenizer.load(folder)).isInstanceOf(TokenizerException.class)
                .hasMessageContaining("sep_token must name a token of the vocabulary, got null, in tokenizer_config");
    }
}
