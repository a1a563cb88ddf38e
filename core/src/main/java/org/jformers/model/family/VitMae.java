package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.Extent;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.kind.MaskedAutoencoder;
import org.jformers.nn.Activation;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.InputBias;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.stack.Entrance;
import org.jformers.nn.stack.PatchEmbedding;
import org.jformers.nn.stack.PatchGrid;
import org.jformers.nn.stack.PatchRestoration;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * ViT-MAE: a ViT encoder that reads a random quarter of the patches, and a small decoder that guesses the others.
 *
 * <p>Reference: arXiv:2111.06377; transformers 5.18 {@code models/vit_mae}.
 *
 * <p>Differences from ViT: sinusoidal positions, which are trained on from there as in the reference; patches are left
 * out before the class token is put in front; no pooler.
 */
public final class VitMae implements ModelFamily<VitMae.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            @Nullable Integer hiddenSize,
            @Nullable Integer numHiddenLayers,
            @Nullable Integer numAttentionHeads,
            @Nullable Integer intermediateSize,
            @Nullable String hiddenAct,
            @Nullable Double hiddenDropoutProb,
            @Nullable Double attentionProbsDropoutProb,
            @Nullable Double initializerRange,
            @Nullable Double layerNormEps,
            @Nullable Extent imageSize,
            @Nullable Extent patchSize,
            @Nullable Integer numChannels,
            @Nullable Boolean qkvBias,
            @Nullable Integer decoderNumAttentionHeads,
            @Nullable Integer decoderHiddenSize,
            @Nullable Integer decoderNumHiddenLayers,
            @Nullable Integer decoderIntermediateSize,
            @Nullable Double maskRatio,
            @Nullable Boolean normPixLoss,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "vit_mae";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of("ViTMAEModel", Task.BASE, "ViTMAEForPreTraining", Task.PRETRAINING);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        Extent image = or(c.imageSize(), Extent.square(224));
        Extent patch = or(c.patchSize(), Extent.square(16));
        var grid = new PatchGrid(
                or(c.numChannels(), 3), image.height(), image.width(), patch.height(), patch.width());
        int width = or(c.hiddenSize(), 768);
        var encoder = stack(c,
                PatchEmbedding.Spec.of(grid, width).withPositions(PatchEmbedding.Positions.SINUSOIDAL),
                headDim("vit_mae", "hidden_size", width, "num_attention_heads", heads(c)),
                heads(c), or(c.intermediateSize(), 3072), or(c.numHiddenLayers(), 12));
        double range = or(c.initializerRange(), 0.02);
        return new MaskedAutoencoder.Spec(grid, encoder, or(c.maskRatio(), 0.75),
                task == Task.PRETRAINING ? Optional.of(decoder(c, grid, width)) : Optional.empty(),
                new Initialization.Normal(range, range));
    }

    private static MaskedAutoencoder.Decoder decoder(Config c, PatchGrid grid, int inputWidth) {
        int width = or(c.decoderHiddenSize(), 512);
        int heads = or(c.decoderNumAttentionHeads(), 16);
        var body = stack(c,
                new PatchRestoration.Spec(inputWidth, width, grid.rows(), grid.columns()),
                headDim("vit_mae", "decoder_hidden_size", width, "decoder_num_attention_heads", heads),
                heads, or(c.decoderIntermediateSize(), 2048), or(c.decoderNumHiddenLayers(), 8));
        return new MaskedAutoencoder.Decoder(body, or(c.normPixLoss(), false)
                ? MaskedAutoencoder.Pixels.NORMALISED
                : MaskedAutoencoder.Pixels.PLAIN);
    }

    private static int heads(Config c) {
        return or(c.numAttentionHeads(), 12);
    }

    private static Stack.Spec stack(
            Config c, Entrance.Spec input, int headDim, int heads, int inner, int layers) {
        int width = input.width();
        var norm = new LayerNorm.Spec(width, or(c.layerNormEps(), 1e-12));
        var attention = SelfAttention.Spec.of(width, heads, headDim, new FullMask())
                .withBias(new AttentionBias(or(c.qkvBias(), true) ? InputBias.ALL : InputBias.NONE, true))
                .withDropout(or(c.attentionProbsDropoutProb(), 0.0));
        var block = Block.Spec.of(norm, Block.NormOrder.PRE, attention,
                        new Mlp.Spec(width, inner, Activation.named(or(c.hiddenAct(), "gelu"))))
                .withDropout(or(c.hiddenDropoutProb(), 0.0));
        return Stack.Spec.of(input, Collections.nCopies(layers, block))
                .withEnd(new Stack.Final(Optional.of(norm), Stack.LastState.PLAIN));
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        var map = Vit.renamed(WeightMap.builder())
                .renamed("decoder.decoder_encoder.layer.", "decoder.decoder_layers.")
                .prefix("vit.")
                .widened("vit.embeddings.cls_token", 2, "encoder.input.classToken")
                .widened("vit.embeddings.position_embeddings", 1, "encoder.input.positions")
                .module("vit.embeddings.patch_embeddings.projection", "encoder.input")
                .module("vit.layernorm", "encoder.finalNorm")
                .module("decoder.decoder_embed", "decoder.input.in")
                .widened("decoder.mask_token", 2, "decoder.input.maskToken")
                .widened("decoder.decoder_pos_embed", 1, "decoder.input.positions")
                .module("decoder.decoder_norm", "decoder.finalNorm")
                .module("decoder.decoder_pred", "pixels");
        Vit.block(map, "vit.encoder.layer.{}.", "encoder.blocks.{}.");
        Vit.block(map, "decoder.decoder_layers.{}.", "decoder.blocks.{}.");
        WeightMap all = map.build();
        return task == Task.BASE ? all.withoutPrefix() : all;
    }
}
