package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonInclude;
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
import org.jformers.model.head.PooledHead;
import org.jformers.model.head.Pooling;
import org.jformers.model.kind.TowerModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.stack.Entrance;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * The text half of CLIP: a causal pre-norm stack; the vector at the end token stands for the text.
 *
 * <p>Reference: arXiv:2103.00020; transformers 5.18 {@code models/clip}.
 */
public final class ClipText implements ModelFamily<ClipText.Config> {
    /** The end token of old configs, which was wrong: the end token has the largest id there. */
    private static final int OLD_END = 2;

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Config(
            @Nullable Integer vocabSize,
            @Nullable Integer hiddenSize,
            @Nullable Integer intermediateSize,
            @Nullable Integer projectionDim,
            @Nullable Integer numHiddenLayers,
            @Nullable Integer numAttentionHeads,
            @Nullable Integer maxPositionEmbeddings,
            @Nullable String hiddenAct,
            @Nullable Double layerNormEps,
            @Nullable Double attentionDropout,
            @Nullable Double initializerRange,
            @Nullable Double initializerFactor,
            @Nullable Integer eosTokenId,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {

        /** What the reference takes where a config says nothing. */
        static Config defaults() {
            return new Config(null, null, null, null, null, null, null, null, null, null, null, null, null, Map.of());
        }
    }

    @Override
    public String modelType() {
        return "clip_text_model";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of("CLIPTextModel", Task.BASE, "CLIPTextModelWithProjection", Task.PROJECTION);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        PooledHead.Spec head = PooledHead.Spec.of(pooling(c));
        return tower(c, task == Task.BASE
                ? head
                : head.withProjection(
                        new PooledHead.Projection("text_embeds", width(c), or(c.projectionDim(), 512))));
    }

    static TowerModel.Spec tower(Config c, PooledHead.Spec head) {
        int width = width(c);
        var input = InputEmbedding.Spec.of(new Embedding.Spec(or(c.vocabSize(), 49408), width, -1))
                .withPositions(new LearnedPositions.Spec(or(c.maxPositionEmbeddings(), 77), width));
        var norm = new LayerNorm.Spec(width, or(c.layerNormEps(), 1e-5));
        var body = stack(input, new CausalMask(), norm, or(c.numAttentionHeads(), 8),
                or(c.attentionDropout(), 0.0), or(c.intermediateSize(), 2048), or(c.hiddenAct(), "quick_gelu"),
                or(c.numHiddenLayers(), 12));
        double range = or(c.initializerRange(), 0.02) * or(c.initializerFactor(), 1.0);
        return new TowerModel.Spec(
                body.withEnd(new Stack.Final(Optional.of(norm), Stack.LastState.PLAIN)), head,
                new Initialization.Normal(range, range));
    }

    /** The layers of both halves. */
    static Stack.Spec stack(
            Entrance.Spec input,
            Mask mask,
            LayerNorm.Spec norm,
            int heads,
            double dropout,
            int inner,
            String activation,
            int layers) {
        int width = input.width();
        int headDim = headDim("clip", "hidden_size", width, "num_attention_heads", heads);
        var attention = SelfAttention.Spec.of(width, heads, headDim, mask).withDropout(dropout);
        var feedForward = new Mlp.Spec(width, inner, Activation.named(activation));
        return Stack.Spec.of(input, Collections.nCopies(
                layers, Block.Spec.of(norm, Block.NormOrder.PRE, attention, feedForward)));
    }

    static int width(Config c) {
        return or(c.hiddenSize(), 512);
    }

    static Pooling.Spec pooling(Config c) {
        int end = or(c.eosTokenId(), 49407);
        return end == OLD_END ? new Pooling.AtLargestToken() : new Pooling.AtToken(end);
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        WeightMap all = names(WeightMap.builder().prefix("text_model."), "")
                .map("text_projection.weight", "head.projection.weight")
                .build();
        return task == Task.BASE ? all.withoutPrefix() : all;
    }

    /** The names of this half, whose parameters' names begin with {@code tower}. */
    static WeightMap.Builder names(WeightMap.Builder map, String tower) {
        map.map("text_model.embeddings.token_embedding.weight", tower + "body.input.tokens.weight")
                .map("text_model.embeddings.position_embedding.weight", tower + "body.input.positions.weight")
                .ignored("text_model.embeddings.position_ids")
                .module("text_model.final_layer_norm", tower + "body.finalNorm");
        return block(map, "text_model.encoder.layers.{}.", tower + "body.blocks.{}.");
    }

    /** The names of one layer of either half. */
    static WeightMap.Builder block(WeightMap.Builder map, String layer, String block) {
        String self = layer + "self_attn.";
        return map
                .stacked(List.of(self + "q_proj", self + "k_proj", self + "v_proj"), block + "attention.qkv")
                .module(self + "out_proj", block + "attention.out")
                .module(layer + "layer_norm1", block + "attentionNorm")
                .module(layer + "mlp.fc1", block + "feedForward.in")
                .module(layer + "mlp.fc2", block + "feedForward.out")
                .module(layer + "layer_norm2", block + "feedForwardNorm");
    }
}
