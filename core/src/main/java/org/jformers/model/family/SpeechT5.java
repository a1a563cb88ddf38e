package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.kind.SpeechLoss;
import org.jformers.model.kind.TextToSpeechModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.RelativeKeyAttention;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.conv.Postnet;
import org.jformers.nn.conv.SpeechPrenet;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.stack.GivenVectors;
import org.jformers.nn.stack.SpokenText;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * SpeechT5, the model that speaks: an encoder of text whose attention reads distances, a decoder that writes a
 * spectrogram with somebody's voice.
 *
 * <p>Reference: arXiv:2110.07205; transformers 5.18 {@code models/speecht5}. The rate 0 of {@code
 * speech_decoder_prenet_dropout} means no dropout.
 */
public final class SpeechT5 implements ModelFamily<SpeechT5.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int hiddenSize,
            int encoderLayers,
            int encoderAttentionHeads,
            int encoderFfnDim,
            @Nullable Double encoderLayerdrop,
            int decoderLayers,
            int decoderAttentionHeads,
            int decoderFfnDim,
            @Nullable Double decoderLayerdrop,
            @Nullable String hiddenAct,
            @Nullable Double positionalDropout,
            @Nullable Double hiddenDropout,
            @Nullable Double attentionDropout,
            @Nullable Double activationDropout,
            @Nullable Double initializerRange,
            @Nullable Double layerNormEps,
            @Nullable Integer numMelBins,
            @Nullable Integer speechDecoderPrenetLayers,
            @Nullable Integer speechDecoderPrenetUnits,
            @Nullable Double speechDecoderPrenetDropout,
            @Nullable Integer speakerEmbeddingDim,
            @Nullable Integer speechDecoderPostnetLayers,
            @Nullable Integer speechDecoderPostnetUnits,
            @Nullable Integer speechDecoderPostnetKernel,
            @Nullable Double speechDecoderPostnetDropout,
            @Nullable Integer reductionFactor,
            @Nullable Integer maxSpeechPositions,
            @Nullable Integer maxTextPositions,
            @Nullable Integer encoderMaxRelativePosition,
            @Nullable Boolean useGuidedAttentionLoss,
            @Nullable Integer guidedAttentionLossNumHeads,
            @Nullable Double guidedAttentionLossSigma,
            @Nullable Double guidedAttentionLossScale,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "speecht5";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of("SpeechT5ForTextToSpeech", Task.TEXT_TO_SPEECH);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int padding = c.common().padTokenId().orElse(1);
        int bands = or(c.numMelBins(), 80);
        double positionDropout = or(c.positionalDropout(), 0.1);
        var text = new SpokenText.Spec(
                new Embedding.Spec(c.vocabSize(), c.hiddenSize(), padding), or(c.maxTextPositions(), 450), norm(c),
                positionDropout, or(c.hiddenDropout(), 0.1));
        var prenet = new SpeechPrenet.Spec(
                bands, or(c.speechDecoderPrenetUnits(), 256), or(c.speechDecoderPrenetLayers(), 2), c.hiddenSize(),
                or(c.maxSpeechPositions(), 4000), or(c.speakerEmbeddingDim(), 512),
                or(c.speechDecoderPrenetDropout(), 0.5), positionDropout);
        var postnet = new Postnet.Spec(
                bands, or(c.speechDecoderPostnetUnits(), 256), or(c.speechDecoderPostnetLayers(), 5),
                or(c.speechDecoderPostnetKernel(), 5), or(c.speechDecoderPostnetDropout(), 0.5));
        var guide = new SpeechLoss.Guide(
                or(c.guidedAttentionLossNumHeads(), 2), or(c.guidedAttentionLossSigma(), 0.4),
                or(c.guidedAttentionLossScale(), 10.0));
        var loss = new SpeechLoss(
                or(c.reductionFactor(), 2),
                or(c.useGuidedAttentionLoss(), true) ? Optional.of(guide) : Optional.empty());
        double range = or(c.initializerRange(), 0.02);
        return new TextToSpeechModel.Spec(
                encoder(c, text), prenet, decoder(c), postnet, loss, padding, new Initialization.Normal(range, range));
    }

    private static Stack.Spec encoder(Config c, SpokenText.Spec text) {
        headDim("speecht5", "hidden_size", c.hiddenSize(), "encoder_attention_heads", c.encoderAttentionHeads());
        var attention = new RelativeKeyAttention.Spec(
                c.hiddenSize(), c.encoderAttentionHeads(), new FullMask(), or(c.encoderMaxRelativePosition(), 160),
                or(c.attentionDropout(), 0.1));
        var block = Block.Spec.of(norm(c), Block.NormOrder.POST, attention, feedForward(c, c.encoderFfnDim()))
                .withDropout(or(c.hiddenDropout(), 0.1));
        return Stack.Spec.of(text, Collections.nCopies(c.encoderLayers(), block))
                .withLayerDrop(or(c.encoderLayerdrop(), 0.1));
    }

    private static Stack.Spec decoder(Config c) {
        int heads = c.decoderAttentionHeads();
        int headDim = headDim("speecht5", "hidden_size", c.hiddenSize(), "decoder_attention_heads", heads);
        double dropout = or(c.attentionDropout(), 0.1);
        var attention = SelfAttention.Spec.of(c.hiddenSize(), heads, headDim, new CausalMask()).withDropout(dropout);
        var cross = CrossAttention.Spec.of(c.hiddenSize(), heads, headDim).withDropout(dropout);
        var block = Block.Spec.of(norm(c), Block.NormOrder.POST, attention, feedForward(c, c.decoderFfnDim()))
                .withCrossAttention(Optional.of(cross)).withDropout(or(c.hiddenDropout(), 0.1));
        return Stack.Spec.of(new GivenVectors.Spec(c.hiddenSize()), Collections.nCopies(c.decoderLayers(), block))
                .withLayerDrop(or(c.decoderLayerdrop(), 0.1));
    }

    private static Mlp.Spec feedForward(Config c, int inner) {
        return new Mlp.Spec(c.hiddenSize(), inner, Activation.named(or(c.hiddenAct(), "gelu")))
                .withDropout(or(c.activationDropout(), 0.1));
    }

    private static LayerNorm.Spec norm(Config c) {
        return new LayerNorm.Spec(c.hiddenSize(), or(c.layerNormEps(), 1e-5));
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String text = "speecht5.encoder.prenet.";
        String encoder = "speecht5.encoder.wrapped_encoder.";
        String speech = "speecht5.decoder.prenet.";
        String decoder = "speecht5.decoder.wrapped_decoder.";
        var map = WeightMap.builder()
                .map(text + "embed_tokens.weight", "encoder.input.tokens.weight")
                .map(text + "encode_positions.alpha", "encoder.input.positions.factor")
                .ignored(text + "encode_positions.pe")
                .module(encoder + "layer_norm", "encoder.input.norm")
                .map(encoder + "embed_positions.pe_k.weight", "encoder.relative.0.weight")
                .module(speech + "layers.{}", "prenet.layers.{}")
                .module(speech + "final_layer", "prenet.out")
                .map(speech + "encode_positions.alpha", "prenet.positions.factor")
                .ignored(speech + "encode_positions.pe")
                .module(speech + "speaker_embeds_layer", "prenet.voice")
                .module("speech_decoder_postnet.feat_out", "spectrogram")
                .module("speech_decoder_postnet.prob_out", "stop");
        layer(map, encoder + "layers.{}.", "attention", "layer_norm", "encoder.blocks.{}.");
        layer(map, decoder + "layers.{}.", "self_attn", "self_attn_layer_norm", "decoder.blocks.{}.");
        String cross = decoder + "layers.{}.encoder_attn";
        map.module(cross + ".q_proj", "decoder.blocks.{}.crossAttention.q")
                .stacked(List.of(cross + ".k_proj", cross + ".v_proj"), "decoder.blocks.{}.crossAttention.kv")
                .module(cross + ".out_proj", "decoder.blocks.{}.crossAttention.out")
                .module(cross + "_layer_norm", "decoder.blocks.{}.crossAttentionNorm");
        SpeechWeights.postnet(map, "speech_decoder_postnet.", "postnet.");
        return map.build();
    }

    private static void layer(WeightMap.Builder map, String layer, String attention, String norm, String block) {
        String self = layer + attention + ".";
        map.stacked(List.of(self + "q_proj", self + "k_proj", self + "v_proj"), block + "attention.qkv")
                .module(self + "out_proj", block + "attention.out")
                .module(layer + norm, block + "attentionNorm")
                .module(layer + "feed_forward.intermediate_dense", block + "feedForward.in")
                .module(layer + "feed_forward.output_dense", block + "feedForward.out")
                .module(layer + "final_layer_norm", block + "feedForwardNorm");
    }
}
