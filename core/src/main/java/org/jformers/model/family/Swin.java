package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
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
import org.jformers.model.kind.SwinModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.InputBias;
import org.jformers.nn.attention.WindowAttention;
import org.jformers.nn.block.WindowBlock;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.stack.PatchEmbedding;
import org.jformers.nn.stack.PatchGrid;
import org.jformers.nn.stack.SwinStack;
import org.jspecify.annotations.Nullable;

/**
 * Swin: stages of layers whose attention stays within windows, every second layer's windows shifted by half; between
 * stages two by two patches become one. The mean of the last stage stands for the image.
 *
 * <p>Reference: arXiv:2103.14030; transformers 5.18 {@code models/swin}.
 */
public final class Swin implements ModelFamily<Swin.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            @Nullable Extent imageSize,
            @Nullable Extent patchSize,
            @Nullable Integer numChannels,
            @Nullable Integer embedDim,
            @Nullable List<Integer> depths,
            @Nullable List<Integer> numHeads,
            @Nullable Integer windowSize,
            @Nullable Double mlpRatio,
            @Nullable Boolean qkvBias,
            @Nullable Double hiddenDropoutProb,
            @Nullable Double attentionProbsDropoutProb,
            @Nullable Double dropPathRate,
            @Nullable String hiddenAct,
            @Nullable Boolean useAbsoluteEmbeddings,
            @Nullable Double initializerRange,
            @Nullable Double layerNormEps,
            @Nullable Integer encoderStride,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "swin";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "SwinModel", Task.BASE,
                "SwinForImageClassification", Task.IMAGE_CLASSIFICATION,
                "SwinForMaskedImageModeling", Task.MASKED_IMAGE);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        Extent image = or(c.imageSize(), Extent.square(224));
        Extent patch = or(c.patchSize(), Extent.square(4));
        var grid = new PatchGrid(
                or(c.numChannels(), 3), image.height(), image.width(), patch.height(), patch.width());
        int first = or(c.embedDim(), 96);
        // The reference leaves the precision of these norms alone, whatever the config says.
        var input = PatchEmbedding.Spec.of(grid, first)
                .withTokens(task == Task.MASKED_IMAGE ? Set.of(PatchEmbedding.Token.MASK) : Set.of())
                .withPositions(or(c.useAbsoluteEmbeddings(), false)
                        ? PatchEmbedding.Positions.LEARNED
                        : PatchEmbedding.Positions.NONE)
                .withProjection(new PatchEmbedding.Projection(
                        true, PatchEmbedding.Rest.PADDED, Optional.of(new LayerNorm.Spec(first, 1e-5))))
                .withDropout(or(c.hiddenDropoutProb(), 0.0));
        List<List<WindowBlock.Spec>> stages = stages(c, first);
        int last = first << (stages.size() - 1);
        double range = or(c.initializerRange(), 0.02);
        return new SwinModel.Spec(
                new SwinStack.Spec(input, stages, new LayerNorm.Spec(last, or(c.layerNormEps(), 1e-5))),
                head(c, task, grid, last),
                new Initialization.Normal(range, range));
    }

    private static List<List<WindowBlock.Spec>> stages(Config c, int first) {
        List<Integer> depths = or(c.depths(), List.of(2, 2, 6, 2));
        List<Integer> heads = or(c.numHeads(), List.of(3, 6, 12, 24));
        if (depths.isEmpty() || depths.size() != heads.size()) {
            throw new ConfigException("swin: depths (" + depths + ") and num_heads (" + heads
                    + ") must have one number for each stage");
        }
        int layers = depths.stream().mapToInt(Integer::intValue).sum();
        double dropPath = or(c.dropPathRate(), 0.1) / Math.max(layers - 1, 1);
        List<List<WindowBlock.Spec>> stages = new ArrayList<>();
        int before = 0;
        for (int stage = 0; stage < depths.size(); stage++) {
            List<WindowBlock.Spec> blocks = new ArrayList<>();
            for (int i = 0; i < depths.get(stage); i++) {
                blocks.add(block(c, first << stage, heads.get(stage), i % 2 == 1, dropPath * (before + i)));
            }
            stages.add(blocks);
            before += depths.get(stage);
        }
        return stages;
    }

    private static WindowBlock.Spec block(Config c, int width, int heads, boolean shifted, double dropPath) {
        int window = or(c.windowSize(), 7);
        var attention = new WindowAttention.Spec(width, heads, window, shifted ? window / 2 : 0,
                or(c.qkvBias(), true) ? InputBias.ALL : InputBias.NONE, or(c.attentionProbsDropoutProb(), 0.0));
        var feedForward = new Mlp.Spec(
                width, (int) (or(c.mlpRatio(), 4.0) * width), Activation.named(or(c.hiddenAct(), "gelu")));
        return new WindowBlock.Spec(new LayerNorm.Spec(width, or(c.layerNormEps(), 1e-5)), attention, feedForward,
                or(c.hiddenDropoutProb(), 0.0), dropPath);
    }

    private static Head.Spec head(Config c, Task task, PatchGrid grid, int width) {
        return switch (task) {
            case BASE -> PooledHead.Spec.of(new Pooling.Mean(0));
            case IMAGE_CLASSIFICATION -> ImageClassificationHead.Spec.of(
                    width, new Pooling.Mean(0), c.common().labels().size(), c.common().problemType());
            case MASKED_IMAGE -> new MaskedImageHead.Spec(width, grid, or(c.encoderStride(), 32), 0);
            default -> throw new ConfigException("swin: got task " + task + ", which has no head");
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String layer = "swin.encoder.layers.{}.blocks.{}.";
        String self = layer + "attention.self.";
        String block = "body.stages.{}.blocks.{}.";
        WeightMap all = WeightMap.builder()
                .prefix("swin.")
                .renamed(".attention.q_proj.", ".attention.self.query.")
                .renamed(".attention.k_proj.", ".attention.self.key.")
                .renamed(".attention.v_proj.", ".attention.self.value.")
                .renamed(".attention.o_proj.", ".attention.output.dense.")
                .renamed(".attention.relative_position_bias.", ".attention.self.")
                .renamed(".mlp.fc1.", ".intermediate.dense.")
                .renamed(".mlp.fc2.", ".output.dense.")
                .widened("swin.embeddings.mask_token", 2, "body.input.maskToken")
                .widened("swin.embeddings.position_embeddings", 1, "body.input.positions")
                .module("swin.embeddings.patch_embeddings.projection", "body.input")
                .module("swin.embeddings.norm", "body.input.patchNorm")
                .stacked(List.of(self + "query", self + "key", self + "value"), block + "attention.qkv")
                .map(self + "relative_position_bias_table", block + "attention.distanceBias")
                .ignored(self + "relative_position_index")
                .module(layer + "attention.output.dense", block + "attention.out")
                .module(layer + "layernorm_before", block + "attentionNorm")
                .module(layer + "layernorm_after", block + "feedForwardNorm")
                .module(layer + "intermediate.dense", block + "feedForward.in")
                .module(layer + "output.dense", block + "feedForward.out")
                .module("swin.encoder.layers.{}.downsample.norm", "body.stages.{}.merging.norm")
                .map("swin.encoder.layers.{}.downsample.reduction.weight", "body.stages.{}.merging.reduction.weight")
                .module("swin.layernorm", "body.finalNorm")
                .module("classifier", "head.classifier")
                .module("decoder.0", "head.decoder")
                .build();
        return task == Task.BASE ? all.withoutPrefix() : all;
    }
}
