package org.jformers.model.family;

import java.util.List;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.Task;

/** Names in the checkpoints of {@link Wav2Vec2}. */
final class Wav2Vec2Weights {
    private Wav2Vec2Weights() {}

    static WeightMap of(Task task, boolean stable, boolean adapts) {
        String base = "wav2vec2.";
        String convolution = base + "feature_extractor.conv_layers.{}.";
        String positions = base + "encoder.pos_conv_embed.conv.";
        String layer = base + "encoder.layers.{}.";
        String block = "body.blocks.{}.";
        String self = layer + "attention.";
        String head = adapts ? "head.head" : "head";
        var map = WeightMap.builder()
                .prefix(base)
                .map(base + "masked_spec_embed", "body.input.maskVector")
                .module(convolution + "conv", "body.input.convolutions.{}.convolution")
                .module(convolution + "layer_norm", "body.input.convolutions.{}.norm")
                .module(base + "feature_projection.layer_norm", "body.input.projectionNorm")
                .module(base + "feature_projection.projection", "body.input.projection")
                .map(positions + "parametrizations.weight.original0", "body.input.positions.length")
                .map(positions + "parametrizations.weight.original1", "body.input.positions.direction")
                .alias(positions + "weight_g", "body.input.positions.length")
                .alias(positions + "weight_v", "body.input.positions.direction")
                .map(positions + "bias", "body.input.positions.bias")
                .module(base + "encoder.layer_norm", stable ? "body.finalNorm" : "body.input.norm")
                .stacked(List.of(self + "q_proj", self + "k_proj", self + "v_proj"), block + "attention.qkv")
                .module(self + "out_proj", block + "attention.out")
                .module(layer + "layer_norm", block + "attentionNorm")
                .module(layer + "feed_forward.intermediate_dense", block + "feedForward.in")
                .module(layer + "feed_forward.output_dense", block + "feedForward.out")
                .module(layer + "final_layer_norm", block + "feedForwardNorm")
                .module(base + "adapter.proj", "head.adapter.projection")
                .module(base + "adapter.proj_layer_norm", "head.adapter.norm")
                .module(base + "adapter.layers.{}.conv", "head.adapter.convolutions.{}")
                .module("lm_head", head + ".scores")
                .map("layer_weights", "head.layerWeights")
                .module("projector", "head.projector")
                .module("classifier", "head.classifier")
                .build();
        return task == Task.BASE ? map.withoutPrefix() : map;
    }
}
