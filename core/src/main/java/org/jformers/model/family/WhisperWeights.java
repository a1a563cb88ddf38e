package org.jformers.model.family;

import java.util.List;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.Task;

/** Names in the checkpoints of {@link Whisper}. */
final class WhisperWeights {
    private WhisperWeights() {}

    static WeightMap of(boolean tied, Task task) {
        var map = WeightMap.builder().prefix("model.");
        boolean whole = task == Task.BASE || task == Task.SEQ2SEQ_LM;
        if (task != Task.CAUSAL_LM) {
            encoder(map, task == Task.SEQUENCE_CLASSIFICATION ? "encoder." : "model.encoder.",
                    whole ? "body.encoder." : "body.");
        }
        if (task != Task.SEQUENCE_CLASSIFICATION) {
            String tokens = decoder(map, whole ? "body.decoder." : "body.");
            if (tied) {
                map.tied("proj_out.weight", tokens);
            } else {
                map.map("proj_out.weight", "head.weight");
            }
        }
        map.map("layer_weights", "head.layerWeights")
                .module("projector", "head.projector")
                .module("classifier", "head.classifier");
        return task == Task.BASE ? map.build().withoutPrefix() : map.build();
    }

    private static void encoder(WeightMap.Builder map, String stored, String body) {
        map.module(stored + "conv1", body + "input.first")
                .module(stored + "conv2", body + "input.second")
                .map(stored + "embed_positions.weight", body + "input.positions.weight");
        stack(map, stored, body);
    }

    /** Returns the name of the token table's parameter. */
    private static String decoder(WeightMap.Builder map, String body) {
        String stored = "model.decoder.";
        String tokens = body + "input.tokens.weight";
        map.map(stored + "embed_tokens.weight", tokens)
                .map(stored + "embed_positions.weight", body + "input.positions.weight");
        stack(map, stored, body);
        String cross = stored + "layers.{}.encoder_attn.";
        String part = body + "blocks.{}.crossAttention";
        map.module(cross + "q_proj", part + ".q")
                .concatenated(List.of(cross + "k_proj.weight", cross + "v_proj.weight"), part + ".kv.weight")
                .map(cross + "v_proj.bias", part + ".kv.valueBias")
                .module(cross + "out_proj", part + ".out")
                .module(stored + "layers.{}.encoder_attn_layer_norm", part + "Norm");
        return tokens;
    }

    private static void stack(WeightMap.Builder map, String stored, String body) {
        String layer = stored + "layers.{}.";
        String block = body + "blocks.{}.";
        String self = layer + "self_attn.";
        map.concatenated(
                        List.of(self + "q_proj.weight", self + "k_proj.weight", self + "v_proj.weight"),
                        block + "attention.qkv.weight")
                .map(self + "q_proj.bias", block + "attention.qkv.queryBias")
                .map(self + "v_proj.bias", block + "attention.qkv.valueBias")
                .module(self + "out_proj", block + "attention.out")
                .module(layer + "self_attn_layer_norm", block + "attentionNorm")
                .module(layer + "fc1", block + "feedForward.in")
                .module(layer + "fc2", block + "feedForward.out")
                .module(layer + "final_layer_norm", block + "feedForwardNorm")
                .module(stored + "layer_norm", body + "finalNorm");
    }
}
