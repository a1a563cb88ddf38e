package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;
import java.util.Optional;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.Extent;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.Head;
import org.jformers.model.head.PooledHead;
import org.jformers.model.head.Pooling;
import org.jformers.model.kind.TowerModel;
import org.jformers.nn.Initialization;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.stack.PatchEmbedding;
import org.jformers.nn.stack.PatchGrid;
import org.jspecify.annotations.Nullable;

/**
 * The image half of CLIP: ViT with a norm before the first layer, and a norm of the class token alone behind the last.
 *
 * <p>Reference: arXiv:2103.00020; transformers 5.18 {@code models/clip}.
 *
 * <p>Differences from ViT: no constant in the map of the patches, no final norm, no dropout but that of the attention.
 */
public final class ClipVision implements ModelFamily<ClipVision.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Config(
            @Nullable Integer hiddenSize,
            @Nullable Integer intermediateSize,
            @Nullable Integer projectionDim,
            @Nullable Integer numHiddenLayers,
            @Nullable Integer numAttentionHeads,
            @Nullable Integer numChannels,
            @Nullable Extent imageSize,
            @Nullable Extent patchSize,
            @Nullable String hiddenAct,
            @Nullable Double layerNormEps,
            @Nullable Double attentionDropout,
            @Nullable Double initializerRange,
            @Nullable Double initializerFactor,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {

        /** What the reference takes where a config says nothing. */
        static Config defaults() {
            return new Config(null, null, null, null, null, null, null, null, null, null, null, null, null, Map.of());
        }
    }

    @Override
    public String modelType() {
        return "clip_vision_model";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of("CLIPVisionModel", Task.BASE, "CLIPVisionModelWithProjection", Task.PROJECTION);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        PooledHead.Spec head = PooledHead.Spec.of(new Pooling.FirstNorm(norm(c)));
        return tower(c, task == Task.BASE
                ? head
                : head.withProjection(
                        new PooledHead.Projection("image_embeds", width(c), or(c.projectionDim(), 512))));
    }

    static TowerModel.Spec tower(Config c, Head.Spec head) {
        Extent image = or(c.imageSize(), Extent.square(224));
        Extent patch = or(c.patchSize(), Extent.square(32));
        var grid = new PatchGrid(
                or(c.numChannels(), 3), image.height(), image.width(), patch.height(), patch.width());
        var input = PatchEmbedding.Spec.of(grid, width(c)).withNorm(norm(c))
                .withProjection(new PatchEmbedding.Projection(false, PatchEmbedding.Rest.CUT, Optional.empty()));
        var body = ClipText.stack(input, new FullMask(), norm(c), or(c.numAttentionHeads(), 12),
                or(c.attentionDropout(), 0.0), or(c.intermediateSize(), 3072), or(c.hiddenAct(), "quick_gelu"),
                or(c.numHiddenLayers(), 12));
        double range = or(c.initializerRange(), 0.02) * or(c.initializerFactor(), 1.0);
        return new TowerModel.Spec(body, head, new Initialization.Normal(range, range));
    }

    static int width(Config c) {
        return or(c.hiddenSize(), 768);
    }

    static LayerNorm.Spec norm(Config c) {
        return new LayerNorm.Spec(width(c), or(c.layerNormEps(), 1e-5));
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        WeightMap all = names(WeightMap.builder().prefix("vision_model."), "", "head.pooling.norm")
                .map("visual_projection.weight", "head.projection.weight")
                .build();
        return task == Task.BASE ? all.withoutPrefix() : all;
    }

    /**
     * The names of this half, whose parameters' names begin with {@code tower}; those of the last norm with
     * {@code norm}.
     */
    static WeightMap.Builder names(WeightMap.Builder map, String tower, String norm) {
        map.map("vision_model.embeddings.class_embedding", tower + "body.input.classToken")
                .map("vision_model.embeddings.patch_embedding.weight", tower + "body.input.weight")
                .map("vision_model.embeddings.position_embedding.weight", tower + "body.input.positions")
                .ignored("vision_model.embeddings.position_ids")
                .module("vision_model.pre_layrnorm", tower + "body.input.norm")
                .module("vision_model.post_layernorm", norm);
        return ClipText.block(map, "vision_model.encoder.layers.{}.", tower + "body.blocks.{}.");
    }
}
