package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.kind.RouterLoss;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.MixtureOfExperts;
import org.jformers.nn.norm.RmsNorm;
import org.jspecify.annotations.Nullable;

/**
 * Mixtral: Mistral with several feed-forward parts, of which a router chooses two for each token.
 *
 * <p>Reference: arXiv:2401.04088; transformers 5.18 {@code models/mixtral}. Experts are stored one by one; files that
 * store those of a layer together are read as well.
 *
 * <p>Differences from {@link Mistral}: mixtures of experts, no window by default, longer rotary waves.
 */
public final class Mixtral implements ModelFamily<Mixtral.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int hiddenSize,
            int intermediateSize,
            int numHiddenLayers,
            int numAttentionHeads,
            @Nullable OptionalInt numKeyValueHeads,
            @Nullable Integer headDim,
            @Nullable String hiddenAct,
            @Nullable Integer maxPositionEmbeddings,
            @Nullable Double initializerRange,
            @Nullable Double rmsNormEps,
            @Nullable Double ropeTheta,
            @Nullable Map<String, Object> ropeScaling,
            @Nullable Map<String, Object> ropeParameters,
            @Nullable OptionalInt slidingWindow,
            @Nullable Double attentionDropout,
            @Nullable Integer numExpertsPerTok,
            @Nullable Integer numLocalExperts,
            @Nullable Boolean outputRouterLogits,
            @Nullable Double routerAuxLossCoef,
            @Nullable Double routerJitterNoise,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements LlamaKind.Config {}

    @Override
    public String modelType() {
        return "mixtral";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return LlamaKind.architectures("Mixtral");
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int headDim = LlamaKind.headDim(modelType(), c);
        var norm = new RmsNorm.Spec(c.hiddenSize(), or(c.rmsNormEps(), 1e-5));
        var mask = LlamaKind.causal(or(c.slidingWindow(), OptionalInt.empty()));
        var attention = LlamaKind.attention(c, keyValueHeads(c), headDim, mask)
                .withRope(RopeParameters.of(modelType(), c, headDim, or(c.maxPositionEmbeddings(), 131_072), 1e6));
        int chosen = or(c.numExpertsPerTok(), 2);
        var expert = LlamaKind.gatedMlp(c, or(c.hiddenAct(), "silu"));
        var experts = new MixtureOfExperts.Spec(
                expert, or(c.numLocalExperts(), 8), chosen, or(c.routerJitterNoise(), 0.0));
        var block = Block.Spec.of(norm, Block.NormOrder.PRE, attention, experts);
        var model = LlamaKind.model(modelType(), c, task, Collections.nCopies(c.numHiddenLayers(), block), norm);
        return task == Task.CAUSAL_LM
                ? model.withRouterLoss(new RouterLoss(
                        chosen, or(c.routerAuxLossCoef(), 0.001), or(c.outputRouterLogits(), false)))
                : model;
    }

    private static int keyValueHeads(Config c) {
        return LlamaKind.keyValueHeads(c, c.numKeyValueHeads(), OptionalInt.of(8));
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String moe = "model.layers.{}.block_sparse_moe.";
        String together = "model.layers.{}.mlp.";
        String part = "body.blocks.{}.feedForward.";
        int headDim = LlamaKind.headDim(modelType(), c);
        var map = LlamaWeights.preNorm(c, task, keyValueHeads(c), headDim, "model.")
                .map(moe + "gate.weight", part + "router.weight")
                .alias(together + "gate.weight", part + "router.weight")
                .concatenated(
                        List.of(moe + "experts.{}.w1.weight", moe + "experts.{}.w3.weight"),
                        part + "experts.{}.in.weight")
                .items(together + "experts.gate_up_proj", part + "experts.{}.in.weight")
                .map(moe + "experts.{}.w2.weight", part + "experts.{}.out.weight")
                .items(together + "experts.down_proj", part + "experts.{}.out.weight");
        return LlamaWeights.built(map, task);
    }
}
