package org.jformers.text.gguf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Small GGUF files made in memory. */
public final class GgufSamples {

    private GgufSamples() {}

    /** A file with a sentencepiece BPE and no tensors. */
    public static byte[] llamaTokenizer() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int b = 0; b < 256; b++) {
            tokens.add(String.format("<0x%02X>", b));
        }
        tokens.addAll(List.of("\u2581", "a", "b", "ab", "\u2581ab"));
        ByteBuffer out = ByteBuffer.allocate(16_384).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0x46554747).putInt(3).putLong(0).putLong(6);
        string(string(out, "tokenizer.ggml.model").putInt(8), "llama");
        string(out, "tokenizer.ggml.tokens").putInt(9).putInt(8).putLong(tokens.size());
        tokens.forEach(token -> string(out, token));
        string(out, "tokenizer.ggml.scores").putInt(9).putInt(6).putLong(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            out.putFloat(-id);
        }
        string(out, "tokenizer.ggml.token_type").putInt(9).putInt(5).putLong(tokens.size());
        for (int id = 0; id < tokens.size(); id++) {
            out.putInt(id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1);
        }
        string(out, "tokenizer.ggml.bos_token_id").putInt(4).putInt(1);
        string(out, "tokenizer.ggml.eos_token_id").putInt(4).putInt(2);
        return Arrays.copyOf(out.array(), out.position());
    }

    private static ByteBuffer string(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return out.putLong(bytes.length).put(bytes);
    }
}
