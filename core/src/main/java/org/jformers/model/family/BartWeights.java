package org.jformers.model.family;

import java.util.List;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.Task;

/** The names that BART and the families after it share. */
final class BartWeights {
    private BartWeights() {}

    static WeightMap of(BartConfig c, Task task) {
        boolean alone = task == Task.CAUSAL_LM;
        var map = WeightMap.builder().prefix("model.");
        tokens(map, c, alone);
        if (!alone) {
            stack(map, "model.encoder.", "body.encoder.");
        }
        String decoder = alone ? "body." : "body.decoder.";
        stack(map, "model.decoder.", decoder);
        cross(map, "model.decoder.layers.{}.encoder_attn", decoder + "blocks.{}.crossAttention");
        map.map("final_logits_bias", "head.bias")
                .module("classification_head.dense", "head.dense")
                .module("classification_head.out_proj", "head.classifier")
                .module("qa_outputs", "head.span")
                // Computed where the model has none of its own: older files of translators hold them.
                .ignored("model.encoder.embed_positions.weight")
                .ignored("model.decoder.embed_positions.weight")
                .ignored("model.encoder.version")
                .ignored("model.decoder.version");
        return task == Task.BASE ? map.build().withoutPrefix() : map.build();
    }

    /** One table for all, as far as nobody has one apart; or the decoder's and that of the output layer. */
    private static void tokens(WeightMap.Builder map, BartConfig c, boolean alone) {
        String target = "body." + (alone ? "" : "decoder.") + "input.tokens.weight";
        if (alone) {
            map.map("model.decoder.embed_tokens.weight", target).alias("model.shared.weight", target);
        } else {
            c.table().addTo(map);
        }
        if (alone || !c.sharesTokens()) {
            if (c.common().ties(BartConfig.HEAD)) {
                map.tied(BartConfig.HEAD, target);
            } else {
                map.map(BartConfig.HEAD, "head.weight");
            }
        }
    }

    private static void stack(WeightMap.Builder map, String stored, String stack) {
        String layer = stored + "layers.{}.";
        String block = stack + "blocks.{}.";
        String attention = layer + "self_attn.";
        map.map(stored + "embed_positions.weight", stack + "input.positions.weight")
                .module(stored + "layernorm_embedding", stack + "input.norm")
                .stacked(
                        List.of(attention + "q_proj", attention + "k_proj", attention + "v_proj"),
                        block + "attention.qkv")
                .module(attention + "out_proj", block + "attention.out")
                .module(layer + "self_attn_layer_norm", block + "attentionNorm")
                .module(layer + "fc1", block + "feedForward.in")
                .module(layer + "fc2", block + "feedForward.out")
                .module(layer + "final_layer_norm", block + "feedForwardNorm")
                .module(stored + "layer_norm", stack + "finalNorm");
    }

    private static void cross(WeightMap.Builder map, String stored, String cross) {
        map.module(stored + ".q_proj", cross + ".q")
                .stacked(List.of(stored + ".k_proj", stored + ".v_proj"), cross + ".kv")
                .module(stored + ".out_proj", cross + ".out")
                .module(stored + "_layer_norm", cross + "Norm");
    }
}
