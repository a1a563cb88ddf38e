package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.GgufForm;
import org.jformers.model.GgufKeys;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.norm.RmsNorm;
import org.jspecify.annotations.Nullable;

/**
 * Qwen 3 (dense): Qwen 2 with a norm on each query and key in place of the constants.
 *
 * <p>Reference: arXiv:2505.09388; transformers 5.18 {@code models/qwen3}.
 *
 * <p>Differences from {@link Qwen2}: queries and keys are RMS-normalised per head before they turn, biases are a
 * choice, heads are 128 wide by default whatever the model's width.
 */
public final class Qwen3 implements ModelFamily<Qwen3.Config> {

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
            @Nullable Boolean attentionBias,
            @Nullable Double attentionDropout,
            @Nullable Boolean useSlidingWindow,
            @Nullable OptionalInt slidingWindow,
            @Nullable Integer maxWindowLayers,
            @Nullable List<String> layerTypes,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements Qwen2.WindowedConfig {}

    @Override
    public String modelType() {
        return "qwen3";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return LlamaKind.architectures("Qwen3");
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int headDim = or(c.headDim(), 128);
        var norm = new RmsNorm.Spec(c.hiddenSize(), or(c.rmsNormEps(), 1e-6));
        var attention = LlamaKind.attention(c, keyValueHeads(c), headDim, new CausalMask())
                .withBias(AttentionBias.everywhere(or(c.attentionBias(), false)))
                .withHeadNorm(new RmsNorm.Spec(headDim, norm.epsilon()))
                .withRope(RopeParameters.of(modelType(), c, headDim, or(c.maxPositionEmbeddings(), 32_768), 10_000));
        var feedForward = LlamaKind.gatedMlp(c, or(c.hiddenAct(), "silu"));
        var blocks = Qwen2.windowedBlocks(modelType(), c, norm, attention, feedForward);
        return LlamaKind.model(modelType(), c, task, blocks, norm);
    }

    private static int keyValueHeads(Config c) {
        return LlamaKind.keyValueHeads(c, c.numKeyValueHeads(), OptionalInt.of(32));
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String prefix = task == Task.QUESTION_ANSWERING ? "transformer." : "model.";
        var map = LlamaWeights.preNorm(c, task, keyValueHeads(c), or(c.headDim(), 128), prefix)
                .map(prefix + "layers.{}.self_attn.q_norm.weight", "body.blocks.{}.attention.queryNorm.weight")
                .map(prefix + "layers.{}.self_attn.k_norm.weight", "body.blocks.{}.attention.keyNorm.weight");
        return LlamaWeights.built(LlamaWeights.gated(map, prefix), task);
    }

    @Override
    public List<GgufForm<Config>> gguf() {
        return List.of(GgufForm.of("qwen3", "Qwen3ForCausalLM",
                LlamaGguf.and(LlamaGguf.keys(32_768, 1e-6, 32), new LlamaGguf.HeadDim(128),
                        new RopeGguf(10_000, 128, false), GgufKeys.fixed("hidden_act", "silu"),
                        GgufKeys.fixed("use_sliding_window", false), GgufKeys.required("attention_bias", false)),
                c -> LlamaGguf.halved()));
    }
}
