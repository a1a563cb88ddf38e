package org.jformers.model.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jformers.checkpoint.GgufTensors;
import org.jformers.model.Defaults;
import org.jformers.model.GgufForm;
import org.jformers.model.GgufHead;
import org.jformers.model.GgufKey;
import org.jformers.model.GgufKeys;
import org.jformers.model.GgufValues;

/**
 * T5 in GGUF files: whole ({@code t5}) and encoders alone ({@code t5encoder}). Source: llama.cpp, {@code
 * conversion/t5.py}.
 */
final class T5Gguf {
    private T5Gguf() {}

    /** @param feedForward what parts a configuration means that does not say */
    static List<GgufForm<T5.Config>> forms(String feedForward) {
        List<GgufKey> whole = new ArrayList<>(keys(feedForward));
        whole.add(new Decoder());
        return List.of(
                GgufForm.of("t5", "T5ForConditionalGeneration", whole, c -> whole(c, feedForward)),
                GgufForm.of("t5encoder", "T5EncoderModel", keys(feedForward), c -> encoder(c, feedForward)));
    }

    private static List<GgufKey> keys(String feedForward) {
        return List.of(
                GgufKeys.size("context_length", "n_positions", 512),
                GgufKeys.size("embedding_length", "d_model"),
                GgufKeys.size("feed_forward_length", "d_ff"),
                GgufKeys.size("block_count", "num_layers"),
                GgufKeys.size("attention.head_count", "num_heads"),
                new HeadDim(),
                GgufKeys.real("attention.layer_norm_rms_epsilon", "layer_norm_epsilon", 1e-6),
                GgufKeys.size("attention.relative_buckets_count", "relative_attention_num_buckets", 32),
                GgufKeys.fixed("relative_attention_max_distance", 128),
                new Gate(feedForward),
                GgufKeys.tied());
    }

    private record HeadDim() implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            config.put("d_kv", file.size("attention.key_length"));
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            int width = GgufKeys.integer(config, "d_kv");
            file.put("attention.key_length", width);
            file.put("attention.value_length", width);
            // Both names of the one epsilon, as others look for either.
            file.put("attention.layer_norm_epsilon", (float) config.path("layer_norm_epsilon").asDouble(1e-6));
        }
    }

    /** A gate brings GELU with it; without one it is a ReLU. */
    private record Gate(String otherwise) implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            config.put("feed_forward_proj", file.hasTensor("enc.blk.0.ffn_gate.weight") ? "gated-gelu" : "relu");
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            String kind = config.path("feed_forward_proj").asText(otherwise);
            if (!List.of("relu", "gated-gelu").contains(kind)) {
                throw file.unsupported("feed_forward_proj", kind, "relu, gated-gelu");
            }
        }
    }

    private record Decoder() implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            config.put("num_decoder_layers", file.size("decoder_block_count", file.size("block_count")));
            config.put("decoder_start_token_id", file.size("decoder_start_token_id", 0));
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            int layers = GgufKeys.integer(config, "num_layers");
            file.put("decoder_block_count", config.path("num_decoder_layers").asInt(layers));
            file.put("decoder_start_token_id", config.path("decoder_start_token_id").asInt(0));
        }
    }

    private static GgufTensors encoder(T5.Config c, String feedForward) {
        return side(GgufTensors.builder(), "encoder", "enc.", 1, gated(c, feedForward)).build();
    }

    private static GgufTensors whole(T5.Config c, String feedForward) {
        String cross = "transformer.decoder.block.{}.layer.1.";
        var map = side(GgufTensors.builder(), "encoder", "enc.", 1, gated(c, feedForward));
        for (String part : List.of("q", "k", "v", "o")) {
            map.module("dec.blk.{}.cross_attn_" + part, cross + "EncDecAttention." + part);
        }
        return side(map, "decoder", "dec.", 2, gated(c, feedForward))
                .module("dec.blk.{}.cross_attn_norm", cross + "layer_norm")
                .tensor("output.weight", "lm_head.weight")
                .ignored("dec.blk.0.cross_attn_rel_b.weight")
                .build();
    }

    private static boolean gated(T5.Config c, String otherwise) {
        return Defaults.or(c.feedForwardProj(), otherwise).startsWith("gated-");
    }

    private static GgufTensors.Builder side(
            GgufTensors.Builder map, String side, String file, int feedForward, boolean gated) {
        String layers = "transformer." + side + ".block.{}.layer.";
        String block = file + "blk.{}.";
        String dense = layers + feedForward + ".DenseReluDense.";
        for (String part : List.of("q", "k", "v", "o")) {
            map.module(block + "attn_" + part, layers + "0.SelfAttention." + part);
        }
        return map.tensor("token_embd.weight", "transformer.shared.weight")
                .module(block + "attn_norm", layers + "0.layer_norm")
                .tensor(block + "attn_rel_b.weight", layers + "0.SelfAttention.relative_attention_bias.weight")
                .module(block + "ffn_norm", layers + feedForward + ".layer_norm")
                .module(block + "ffn_gate", dense + "wi_0")
                .module(block + "ffn_up", dense + (gated ? "wi_1" : "wi"))
                .module(block + "ffn_down", dense + "wo")
                .module(file + "output_norm", "transformer." + side + ".final_layer_norm");
    }
}
