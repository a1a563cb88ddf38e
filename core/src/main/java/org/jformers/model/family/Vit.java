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
import java.util.Set;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.Extent;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.Head;
import org.jformers.model.head.ImageClassificationHead;
import org.jformers.model.head.MaskedImageHead;
import org.jformers.model.head.PooledHead;
import org.jformers.model.head.Pooling;
import org.jformers.model.kind.TowerModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.InputBias;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.stack.PatchEmbedding;
import org.jformers.nn.stack.PatchEmbedding.Token;
import org.jformers.nn.stack.PatchGrid;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * ViT: an encoder of image patches with a class token, learned positions, pre-norm blocks and a final norm.
 *
 * <p>Reference: arXiv:2010.11929; transformers 5.18 {@code models/vit}.
 */
public final class Vit implements ModelFamily<Vit.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            @Nullable Integer hiddenSize,
            @Nullable Integer numHiddenLayers,
            @Nullable Integer numAttentionHeads,
            @Nullable Integer headDim,
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
            @Nullable Integer encoderStride,
            @Nullable Integer poolerOutputSize,
            @Nullable String poolerAct,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "vit";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "ViTModel", Task.BASE,
                "ViTForImageClassification", Task.IMAGE_CLASSIFICATION,
                "ViTForMaskedImageModeling", Task.MASKED_IMAGE);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int width = or(c.hiddenSize(), 768);
        double dropout = or(c.hiddenDropoutProb(), 0.0);
        PatchGrid grid = grid(c);
        var norm = new LayerNorm.Spec(width, or(c.layerNormEps(), 1e-12));
        var input = PatchEmbedding.Spec.of(grid, width)
                .withTokens(task == Task.MASKED_IMAGE ? Set.of(Token.CLASS, Token.MASK) : Set.of(Token.CLASS))
                .withDropout(dropout);
        var block = Block.Spec.of(norm, Block.NormOrder.PRE, attention(c, width),
                        new Mlp.Spec(
                                width, or(c.intermediateSize(), 3072), Activation.named(or(c.hiddenAct(), "gelu"))))
                .withDropout(dropout);
        double range = or(c.initializerRange(), 0.02);
        return new TowerModel.Spec(
                Stack.Spec.of(input, Collections.nCopies(or(c.numHiddenLayers(), 12), block))
                        .withEnd(new Stack.Final(Optional.of(norm), Stack.LastState.PLAIN)),
                head(c, task, grid, width),
                new Initialization.Normal(range, range));
    }

    private static PatchGrid grid(Config c) {
        Extent image = or(c.imageSize(), Extent.square(224));
        Extent patch = or(c.patchSize(), Extent.square(16));
        return new PatchGrid(or(c.numChannels(), 3), image.height(), image.width(), patch.height(), patch.width());
    }

    private static SelfAttention.Spec attention(Config c, int width) {
        int heads = or(c.numAttentionHeads(), 12);
        int headDim = c.headDim() == null
                ? headDim("vit", "hidden_size", width, "num_attention_heads", heads)
                : c.headDim();
        return SelfAttention.Spec.of(width, heads, headDim, new FullMask())
                .withBias(new AttentionBias(or(c.qkvBias(), true) ? InputBias.ALL : InputBias.NONE, true))
                .withDropout(or(c.attentionProbsDropoutProb(), 0.0));
    }

    private static Head.Spec head(Config c, Task task, PatchGrid grid, int width) {
        return switch (task) {
            case BASE -> PooledHead.Spec.of(new Pooling.FirstDense(
                    width, or(c.poolerOutputSize(), width), Activation.named(or(c.poolerAct(), "tanh"))));
            case IMAGE_CLASSIFICATION -> ImageClassificationHead.Spec.of(
                    width, new Pooling.First(), c.common().labels().size(), c.common().problemType());
            case MASKED_IMAGE -> new MaskedImageHead.Spec(width, grid, or(c.encoderStride(), 16), 1);
            default -> throw new ConfigException("vit: got task " + task + ", which has no head");
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String layer = "vit.encoder.layer.{}.";
        var map = renamed(WeightMap.builder())
                .prefix("vit.")
                .widened("vit.embeddings.cls_token", 2, "body.input.classToken")
                .widened("vit.embeddings.mask_token", 2, "body.input.maskToken")
                .widened("vit.embeddings.position_embeddings", 1, "body.input.positions")
                .module("vit.embeddings.patch_embeddings.projection", "body.input")
                .module("vit.layernorm", "body.finalNorm")
                .module("vit.pooler.dense", "head.pooling.dense")
                .module("classifier", "head.classifier")
                .module("decoder.0", "head.decoder");
        WeightMap all = block(map, layer, "body.blocks.{}.").build();
        return task == Task.BASE ? all.withoutPrefix() : all;
    }

    /** What the library's modules are called today. */
    static WeightMap.Builder renamed(WeightMap.Builder map) {
        return map
                .renamed("layers.", "encoder.layer.")
                .renamed(".attention.q_proj.", ".attention.attention.query.")
                .renamed(".attention.k_proj.", ".attention.attention.key.")
                .renamed(".attention.v_proj.", ".attention.attention.value.")
                .renamed(".attention.o_proj.", ".attention.output.dense.")
                .renamed(".mlp.fc1.", ".intermediate.dense.")
                .renamed(".mlp.fc2.", ".output.dense.");
    }

    /** The names of one layer. */
    static WeightMap.Builder block(WeightMap.Builder map, String layer, String block) {
        String self = layer + "attention.attention.";
        return map
                .stacked(List.of(self + "query", self + "key", self + "value"), block + "attention.qkv")
                .module(layer + "attention.output.dense", block + "attention.out")
                .module(layer + "layernorm_before", block + "attentionNorm")
                .module(layer + "layernorm_after", block + "feedForwardNorm")
                .module(layer + "intermediate.dense", block + "feedForward.in")
                .module(layer + "output.dense", block + "feedForward.out");
    }
}
