package org.jformers.model.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jformers.checkpoint.GgufTensors;
import org.jformers.model.GgufForm;
import org.jformers.model.GgufHead;
import org.jformers.model.GgufKey;
import org.jformers.model.GgufKeys;
import org.jformers.model.GgufValues;

/** GPT-2 in GGUF files. Source: llama.cpp, {@code conversion/gpt2.py}. */
final class Gpt2Gguf {
    private Gpt2Gguf() {}

    static GgufForm<Gpt2.Config> form() {
        String layer = "transformer.h.{}.";
        String block = "blk.{}.";
        GgufTensors tensors = GgufTensors.builder()
                .tensor("token_embd.weight", "transformer.wte.weight")
                .tensor("position_embd.weight", "transformer.wpe.weight")
                .module("output_norm", "transformer.ln_f")
                .tensor("output.weight", "lm_head.weight")
                .module(block + "attn_norm", layer + "ln_1")
                .conv1d(block + "attn_qkv", layer + "attn.c_attn")
                .conv1d(block + "attn_output", layer + "attn.c_proj")
                .module(block + "ffn_norm", layer + "ln_2")
                .conv1d(block + "ffn_up", layer + "mlp.c_fc")
                .conv1d(block + "ffn_down", layer + "mlp.c_proj")
                .build();
        List<GgufKey> keys = List.of(
                GgufKeys.size("block_count", "n_layer"),
                GgufKeys.size("context_length", "n_positions"),
                GgufKeys.size("embedding_length", "n_embd"),
                new Inner(),
                GgufKeys.size("attention.head_count", "n_head"),
                GgufKeys.real("attention.layer_norm_epsilon", "layer_norm_epsilon", 1e-5),
                GgufKeys.fixed("activation_function", "gelu_new"),
                GgufKeys.required("scale_attn_weights", true),
                GgufKeys.required("scale_attn_by_inverse_layer_idx", false),
                GgufKeys.required("add_cross_attention", false),
                GgufKeys.tied());
        return GgufForm.of("gpt2", "GPT2LMHeadModel", keys, c -> tensors);
    }

    /** The width inside a feed-forward part: four times the other where the configuration does not say. */
    private record Inner() implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            config.put("n_inner", file.size("feed_forward_length"));
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            file.put("feed_forward_length", GgufKeys.isNull(config, "n_inner")
                    ? 4 * GgufKeys.integer(config, "n_embd")
                    : GgufKeys.integer(config, "n_inner"));
        }
    }
}
