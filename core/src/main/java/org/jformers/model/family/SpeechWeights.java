package org.jformers.model.family;

import java.util.List;
import org.jformers.checkpoint.WeightMap;

/** Names of parts that families of speaking models share. */
final class SpeechWeights {
    private SpeechWeights() {}

    /** The convolutions that refine a spectrogram. */
    static void postnet(WeightMap.Builder map, String stored, String part) {
        map.map(stored + "layers.{}.conv.weight", part + "layers.{}.convolution.weight");
        batchNorm(map, stored + "layers.{}.batch_norm", part + "layers.{}.norm");
    }

    /** Convolutions and a linear map to one number. */
    static void predictor(WeightMap.Builder map, String stored, String part) {
        map.module(stored + "conv_layers.{}.conv", part + "layers.{}.convolution")
                .module(stored + "conv_layers.{}.layer_norm", part + "layers.{}.norm")
                .module(stored + "linear", part + "out");
    }

    /** One layer of a Conformer. */
    static void conformer(WeightMap.Builder map, String layer, String block) {
        String self = layer + "self_attn.";
        map.stacked(List.of(self + "linear_q", self + "linear_k", self + "linear_v"), block + "attention.qkv")
                .module(self + "linear_out", block + "attention.out")
                .map(self + "linear_pos.weight", block + "attention.distance.weight")
                .map(self + "pos_bias_u", block + "attention.contentBias")
                .map(self + "pos_bias_v", block + "attention.distanceBias")
                .module(layer + "self_attn_layer_norm", block + "attentionNorm")
                .module(layer + "concat_linear", block + "joined")
                .module(layer + "feed_forward_macaron.conv1", block + "firstFeedForward.in")
                .module(layer + "feed_forward_macaron.conv2", block + "firstFeedForward.out")
                .module(layer + "ff_macaron_layer_norm", block + "firstNorm")
                .module(layer + "conv_module.pointwise_conv1", block + "convolution.in")
                .module(layer + "conv_module.depthwise_conv", block + "convolution.depthwise")
                .module(layer + "conv_module.pointwise_conv2", block + "convolution.out")
                .module(layer + "conv_layer_norm", block + "convolutionNorm")
                .module(layer + "feed_forward.conv1", block + "feedForward.in")
                .module(layer + "feed_forward.conv2", block + "feedForward.out")
                .module(layer + "ff_layer_norm", block + "feedForwardNorm")
                .module(layer + "final_layer_norm", block + "finalNorm");
        batchNorm(map, layer + "conv_module.norm", block + "convolution.norm");
    }

    private static void batchNorm(WeightMap.Builder map, String stored, String part) {
        map.module(stored, part)
                .map(stored + ".running_mean", part + ".runningMean")
                .map(stored + ".running_var", part + ".runningVariance")
                .map(stored + ".num_batches_tracked", part + ".batches");
    }
}
