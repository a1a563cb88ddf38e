package org.jformers.model.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jformers.checkpoint.GgufTensors;
import org.jformers.model.GgufForm;
import org.jformers.model.GgufHead;
import org.jformers.model.GgufKey;
import org.jformers.model.GgufKeys;
import org.jformers.model.GgufValues;

/**
 * BERT and its kind in GGUF files: bodies without a pooler and without heads. All are of the architecture {@code bert},
 * DistilBERT is the one without segments. RoBERTa's first rows of positions, which no token has, are left out: read
 * again, it is BERT. Source: llama.cpp, {@code conversion/bert.py}.
 */
final class BertGguf {
    private static final String ARCHITECTURE = "bert";
    private static final String SEGMENTS = "token_types.weight";
    private static final String LAYER = "blk.{}.";

    private BertGguf() {}

    static GgufForm<Bert.Config> bert() {
        GgufTensors tensors =
                bertTensors("bert.").module("position_embd", "bert.embeddings.position_embeddings").build();
        return GgufForm.<Bert.Config>of(ARCHITECTURE, "BertModel", bertKeys(0), c -> tensors)
                .reading(head -> head.hasTensor(SEGMENTS));
    }

    /** @param classes what class names begin with */
    static GgufForm<Bert.Config> roberta(String classes) {
        return new GgufForm<>(ARCHITECTURE, head -> false, classes + "Model", List.of(new RobertaKeys()),
                c -> bertTensors("roberta.")
                        .withoutRows("position_embd", "roberta.embeddings.position_embeddings",
                                c.common().padTokenId().orElse(1) + 1)
                        .build());
    }

    /** BERT's keys for a table of positions that lacks the rows up to the one that pads. */
    private record RobertaKeys() implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            throw new UnsupportedOperationException("files of RoBERTa are read as BERT");
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            int cut = config.path("pad_token_id").asInt(1) + 1;
            bertKeys(cut).forEach(key -> key.write(config, file));
        }
    }

    private static List<GgufKey> bertKeys(int cut) {
        return List.of(
                GgufKeys.size("block_count", "num_hidden_layers"),
                new Positions(cut),
                GgufKeys.size("embedding_length", "hidden_size"),
                GgufKeys.size("feed_forward_length", "intermediate_size"),
                GgufKeys.size("attention.head_count", "num_attention_heads"),
                GgufKeys.real("attention.layer_norm_epsilon", "layer_norm_eps", 1e-12),
                GgufKeys.fixed("hidden_act", "gelu"),
                GgufKeys.required("is_decoder", false),
                GgufKeys.required("position_embedding_type", "absolute"),
                GgufKeys.inFile("attention.causal", false),
                new Segments());
    }

    private record Positions(int cut) implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            config.put("max_position_embeddings", file.size("context_length"));
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            file.put("context_length", GgufKeys.integer(config, "max_position_embeddings") - cut);
        }
    }

    /** How many kinds of segments there are; the tokenizer says it in a file. */
    private record Segments() implements GgufKey {
        @Override
        public void read(GgufHead file, ObjectNode config) {
            file.shape(SEGMENTS).ifPresent(shape -> config.put("type_vocab_size", shape.get(0)));
        }

        @Override
        public void write(ObjectNode config, GgufValues file) {
            file.add("tokenizer.ggml.token_type_count", config.path("type_vocab_size").asInt(2));
        }
    }

    private static GgufTensors.Builder bertTensors(String prefix) {
        String layer = prefix + "encoder.layer.{}.";
        return GgufTensors.builder()
                .tensor("token_embd.weight", prefix + "embeddings.word_embeddings.weight")
                .tensor(SEGMENTS, prefix + "embeddings.token_type_embeddings.weight")
                .module("token_embd_norm", prefix + "embeddings.LayerNorm")
                .module(LAYER + "attn_q", layer + "attention.self.query")
                .module(LAYER + "attn_k", layer + "attention.self.key")
                .module(LAYER + "attn_v", layer + "attention.self.value")
                .module(LAYER + "attn_output", layer + "attention.output.dense")
                .module(LAYER + "attn_output_norm", layer + "attention.output.LayerNorm")
                .module(LAYER + "ffn_up", layer + "intermediate.dense")
                .module(LAYER + "ffn_down", layer + "output.dense")
                .module(LAYER + "layer_output_norm", layer + "output.LayerNorm")
                .ignored(prefix + "pooler.dense.weight")
                .ignored(prefix + "pooler.dense.bias");
    }

    static GgufForm<DistilBert.Config> distilBert() {
        String layer = "distilbert.transformer.layer.{}.";
        GgufTensors tensors = GgufTensors.builder()
                .tensor("token_embd.weight", "distilbert.embeddings.word_embeddings.weight")
                .module("position_embd", "distilbert.embeddings.position_embeddings")
                .module("token_embd_norm", "distilbert.embeddings.LayerNorm")
                .module(LAYER + "attn_q", layer + "attention.q_lin")
                .module(LAYER + "attn_k", layer + "attention.k_lin")
                .module(LAYER + "attn_v", layer + "attention.v_lin")
                .module(LAYER + "attn_output", layer + "attention.out_lin")
                .module(LAYER + "attn_output_norm", layer + "sa_layer_norm")
                .module(LAYER + "ffn_up", layer + "ffn.lin1")
                .module(LAYER + "ffn_down", layer + "ffn.lin2")
                .module(LAYER + "layer_output_norm", layer + "output_layer_norm")
                .build();
        List<GgufKey> keys = List.of(
                GgufKeys.size("block_count", "n_layers"),
                GgufKeys.size("context_length", "max_position_embeddings"),
                GgufKeys.size("embedding_length", "dim"),
                GgufKeys.size("feed_forward_length", "hidden_dim"),
                GgufKeys.size("attention.head_count", "n_heads"),
                GgufKeys.inFile("attention.layer_norm_epsilon", 1e-12f),
                GgufKeys.fixed("activation", "gelu"),
                GgufKeys.inFile("attention.causal", false));
        return GgufForm.<DistilBert.Config>of(ARCHITECTURE, "DistilBertModel", keys, c -> tensors)
                .reading(head -> !head.hasTensor(SEGMENTS));
    }
}
