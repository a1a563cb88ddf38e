package org.jformers.model.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jformers.checkpoint.GgufTensors;
import org.jformers.model.GgufHead;
import org.jformers.model.GgufKey;
import org.jformers.model.GgufKeys;
import org.jformers.model.GgufValues;

/**
 * What llama.cpp calls the parts of families of Llama's kind. Source: llama.cpp, {@code conversion/llama.py}, {@code
 * qwen.py} and {@code gemma.py}; {@code gguf-py/gguf/tensor_mapping.py}.
 */
final class LlamaGguf {
    private static final String LAYER = "blk.{}.";
    private static final String FOLDER_LAYER = "model.layers.{}.";

    /** What the frequencies of Llama 3's positions are divided by; no tensor of a model folder. */
    static final String DIVISORS = "rope_freqs.weight";

    private LlamaGguf() {}

    /** The hyperparameters of all these families; the epsilon is that of a configuration without one. */
    static List<GgufKey> keys(int maxPositions, double epsilon, int keyValueHeads) {
        return List.of(
                GgufKeys.size("block_count", "num_hidden_layers"),
                GgufKeys.size("context_length", "max_position_embeddings", maxPositions),
                GgufKeys.size("embedding_length", "hidden_size"),
                GgufKeys.size("feed_forward_length", "intermediate_size"),
                GgufKeys.size("attention.head_count", "num_attention_heads"),
                new KeyValueHeads(keyValueHeads),
                GgufKeys.real("attention.layer_norm_rms_epsilon", "rms_norm_eps", epsilon),
                GgufKeys.tied());
    }

    /** Those and others. */
    static List<GgufKey> and(List<GgufKey> keys, GgufKey... others) {
        List<GgufKey> all = new ArrayList<>(keys);
        all.addAll(List.of(others));
        return all;
    }

    /**
     * Heads of keys and values: in a file as many as all where it does not say.
     *
     * @param otherwise in a configuration that does not say; 0 for as many as all
     */
    private record KeyValueHeads(int otherwise) implements GgufKey {
        private static final String CONFIG = "num_key_value_heads";

        @Override
        public void read(GgufHead file, ObjectNode config) {
            config.put(CONFIG, file.size("attention.head_count_kv", file.size("attention.head_count")));
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            int all = GgufKeys.integer(config, "num_attention_heads");
            boolean said = config.hasNonNull(CONFIG);
            int absent = config.has(CONFIG) || otherwise == 0 ? all : otherwise;
            file.put("attention.head_count_kv", said ? GgufKeys.integer(config, CONFIG) : absent);
        }
    }

    /**
     * The width of a head.
     *
     * @param otherwise in a configuration that does not say; 0 for what the heads share
     */
    record HeadDim(int otherwise) implements GgufKey {
        private static final String CONFIG = "head_dim";

        @Override
        public void read(GgufHead file, ObjectNode config) {
            int shared = file.size("embedding_length") / Math.max(1, file.size("attention.head_count"));
            int headDim = file.size("attention.key_length", shared);
            if (file.size("attention.value_length", headDim) != headDim) {
                throw file.unsupported("attention.value_length", file.size("attention.value_length"), headDim);
            }
            config.put(CONFIG, headDim);
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            int headDim = of(config, otherwise);
            file.put("attention.key_length", headDim);
            file.put("attention.value_length", headDim);
        }

        /** The width that a configuration means. */
        static int of(ObjectNode config, int otherwise) {
            if (config.hasNonNull(CONFIG)) {
                return GgufKeys.integer(config, CONFIG);
            }
            return otherwise != 0
                    ? otherwise
                    : GgufKeys.integer(config, "hidden_size")
                            / Math.max(1, GgufKeys.integer(config, "num_attention_heads"));
        }
    }

    /** No mixtures of experts, which llama.cpp keeps under Llama's name, too. */
    record NoExperts() implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            if (file.size("expert_count", 0) > 0) {
                throw file.unsupported("expert_count", file.size("expert_count"), 0);
            }
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            // Llama's configurations have none.
        }
    }

    /**
     * A window that llama.cpp does not know: as far as it reaches, texts are computed alike.
     *
     * @param otherwise the window of a configuration that does not say
     */
    record WithinWindow(int otherwise) implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            // Such files are read as Llama's.
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            if (config.has("sliding_window") && config.get("sliding_window").isNull()) {
                return;
            }
            int window = config.path("sliding_window").asInt(otherwise);
            file.put("context_length", Math.min(window, config.path("max_position_embeddings").asInt(131_072)));
        }
    }

    /** Names of all but queries, keys and norms. */
    private static GgufTensors.Builder parts() {
        return GgufTensors.builder()
                .tensor("token_embd.weight", "model.embed_tokens.weight")
                .tensor("output.weight", "lm_head.weight")
                .module(LAYER + "attn_v", FOLDER_LAYER + "self_attn.v_proj")
                .module(LAYER + "attn_output", FOLDER_LAYER + "self_attn.o_proj")
                .module(LAYER + "ffn_gate", FOLDER_LAYER + "mlp.gate_proj")
                .module(LAYER + "ffn_up", FOLDER_LAYER + "mlp.up_proj")
                .module(LAYER + "ffn_down", FOLDER_LAYER + "mlp.down_proj")
                .ignored(DIVISORS);
    }

    private static GgufTensors.Builder norms(GgufTensors.Builder map) {
        return map.module("output_norm", "model.norm")
                .module(LAYER + "attn_norm", FOLDER_LAYER + "input_layernorm")
                .module(LAYER + "ffn_norm", FOLDER_LAYER + "post_attention_layernorm");
    }

    /** Names of Llama's own, whose rows are paired. */
    static GgufTensors paired(int heads, int keyValueHeads) {
        return norms(parts())
                .paired(LAYER + "attn_q", FOLDER_LAYER + "self_attn.q_proj", heads)
                .paired(LAYER + "attn_k", FOLDER_LAYER + "self_attn.k_proj", keyValueHeads)
                .build();
    }

    /** Names of those whose heads llama.cpp rotates by halves, as folders do. */
    static GgufTensors halved() {
        return norms(halves(parts()))
                .module(LAYER + "attn_q_norm", FOLDER_LAYER + "self_attn.q_norm")
                .module(LAYER + "attn_k_norm", FOLDER_LAYER + "self_attn.k_norm")
                .build();
    }

    /** Names of Gemma's, with norms before and behind both parts of a block. */
    static GgufTensors sandwiched() {
        return halves(parts())
                .onePlus("output_norm", "model.norm")
                .onePlus(LAYER + "attn_norm", FOLDER_LAYER + "input_layernorm")
                .onePlus(LAYER + "post_attention_norm", FOLDER_LAYER + "post_attention_layernorm")
                .onePlus(LAYER + "ffn_norm", FOLDER_LAYER + "pre_feedforward_layernorm")
                .onePlus(LAYER + "post_ffw_norm", FOLDER_LAYER + "post_feedforward_layernorm")
                .onePlus(LAYER + "attn_q_norm", FOLDER_LAYER + "self_attn.q_norm")
                .onePlus(LAYER + "attn_k_norm", FOLDER_LAYER + "self_attn.k_norm")
                .build();
    }

    private static GgufTensors.Builder halves(GgufTensors.Builder map) {
        return map.module(LAYER + "attn_q", FOLDER_LAYER + "self_attn.q_proj")
                .module(LAYER + "attn_k", FOLDER_LAYER + "self_attn.k_proj");
    }
}
