package org.jformers.checkpoint;

import static org.jformers.checkpoint.CheckpointException.quote;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;
import org.jformers.text.gguf.GgufMetadata;

/**
 * What the tensors of a GGUF file are called in the model folder that it was made from, and what llama.cpp's conversion
 * did to them. Architectures: {@code gpt2} and {@code llama}, which Mistral shares.
 */
final class GgufNames {
    /** How a tensor of the file becomes the one of the folder. */
    enum Change {
        SAME,
        /** GPT-2's folders store linear maps as [in, out]. */
        TRANSPOSED,
        /** ggml rotates neighbouring rows of a head, the folders' models its two halves. */
        SEPARATED_PAIRS
    }

    /**
     * A tensor of the folder.
     *
     * @param heads heads whose rows are paired; 1 where none are
     */
    record Target(String name, Change change, long heads) {
        /** The folder's tensor, from the file's one. */
        Tensor apply(Tensor stored) {
            return switch (change) {
                case SAME -> stored;
                case TRANSPOSED -> stored.t();
                case SEPARATED_PAIRS -> stored
                        .view(heads, stored.size(0) / heads / 2, 2, -1)
                        .transpose(1, 2)
                        .contiguous()
                        .view(stored.shape());
            };
        }
    }

    /** What the frequencies of Llama 3's positions are divided by; no tensor of a model folder. */
    static final String FREQUENCIES = "rope_freqs.weight";

    private static final Pattern BLOCK = Pattern.compile("blk\\.(\\d{1,6})\\.(\\w+)\\.(weight|bias)");
    private static final Pattern OUTER = Pattern.compile("(\\w+)\\.(weight|bias)");

    private static final Map<String, String> GPT2 = Map.of(
            "token_embd", "transformer.wte", "position_embd", "transformer.wpe", "output_norm", "transformer.ln_f",
            "output", "lm_head");
    private static final Map<String, String> GPT2_LAYER = Map.of(
            "attn_norm", "ln_1", "attn_qkv", "attn.c_attn", "attn_output", "attn.c_proj", "ffn_norm", "ln_2",
            "ffn_up", "mlp.c_fc", "ffn_down", "mlp.c_proj");
    private static final Map<String, String> LLAMA =
            Map.of("token_embd", "model.embed_tokens", "output_norm", "model.norm", "output", "lm_head");
    private static final Map<String, String> LLAMA_LAYER = Map.of(
            "attn_norm", "input_layernorm", "attn_q", "self_attn.q_proj", "attn_k", "self_attn.k_proj",
            "attn_v", "self_attn.v_proj", "attn_output", "self_attn.o_proj", "ffn_norm", "post_attention_layernorm",
            "ffn_gate", "mlp.gate_proj", "ffn_up", "mlp.up_proj", "ffn_down", "mlp.down_proj");

    private final boolean gpt2;
    private final long heads;
    private final long keyValueHeads;

    private GgufNames(boolean gpt2, long heads, long keyValueHeads) {
        this.gpt2 = gpt2;
        this.heads = heads;
        this.keyValueHeads = keyValueHeads;
    }

    /** The names of a file's architecture. */
    static GgufNames of(GgufMetadata head) {
        String architecture = head.text("general.architecture");
        if (architecture.equals("gpt2")) {
            return new GgufNames(true, 1, 1);
        }
        if (architecture.equals("llama")) {
            long heads = head.integer("llama.attention.head_count");
            return new GgufNames(false, heads, head.integer("llama.attention.head_count_kv", heads));
        }
        throw new IllegalArgumentException(
                "the architecture is " + quote(architecture) + ", supported are gpt2 and llama");
    }

    /** What a tensor of the file is in the folder. */
    Target target(String name, List<Long> shape) {
        Matcher block = BLOCK.matcher(name);
        Matcher outer = OUTER.matcher(name);
        String part = null;
        if (block.matches()) {
            part = (gpt2 ? GPT2_LAYER : LLAMA_LAYER).get(block.group(2));
        } else if (outer.matches()) {
            part = (gpt2 ? GPT2 : LLAMA).get(outer.group(1));
        }
        if (part == null) {
            throw new IllegalArgumentException("tensor " + quote(name) + " has no counterpart in a model folder");
        }
        if (!block.matches()) {
            return new Target(part + "." + outer.group(2), Change.SAME, 1);
        }
        String full = (gpt2 ? "transformer.h." : "model.layers.") + block.group(1) + "." + part + "." + block.group(3);
        if (gpt2) {
            return new Target(full, shape.size() == 2 ? Change.TRANSPOSED : Change.SAME, 1);
        }
        boolean query = block.group(2).equals("attn_q");
        if (!query && !block.group(2).equals("attn_k")) {
            return new Target(full, Change.SAME, 1);
        }
        long paired = query ? heads : keyValueHeads;
        if (paired < 1 || shape.isEmpty() || shape.contains(0L) || shape.get(0) % paired != 0
                || shape.get(0) / paired % 2 != 0) {
            throw new IllegalArgumentException("tensor " + quote(name) + " of shape " + shape
                    + " does not divide into pairs of rows of " + paired + " heads");
        }
        return new Target(full, Change.SEPARATED_PAIRS, paired);
    }
}
