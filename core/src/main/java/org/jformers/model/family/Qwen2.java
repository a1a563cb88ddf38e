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
import org.jformers.nn.attention.InputBias;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.FeedForward;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.norm.Norm;
import org.jformers.nn.norm.RmsNorm;
import org.jspecify.annotations.Nullable;

/**
 * Qwen 2 and 2.5: Llama with constants on queries, keys and values, and windows in the upper layers.
 *
 * <p>Reference: arXiv:2407.10671; transformers 5.18 {@code models/qwen2}.
 *
 * <p>Differences from {@link Llama}: the maps to q, k and v have biases, no other map has; with {@code
 * use_sliding_window} the layers from {@code max_window_layers} on, or those that {@code layer_types} names, see a
 * window.
 */
public final class Qwen2 implements ModelFamily<Qwen2.Config> {

    /** The keys by which upper layers see a window. */
    interface WindowedConfig extends LlamaKind.Config {
        @Nullable Boolean useSlidingWindow();

        @Nullable OptionalInt slidingWindow();

        @Nullable Integer maxWindowLayers();

        @Nullable List<String> layerTypes();
    }

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
            @Nullable Double attentionDropout,
            @Nullable Boolean useSlidingWindow,
            @Nullable OptionalInt slidingWindow,
            @Nullable Integer maxWindowLayers,
            @Nullable List<String> layerTypes,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements WindowedConfig {}

    @Override
    public String modelType() {
        return "qwen2";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return LlamaKind.architectures("Qwen2");
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int headDim = LlamaKind.headDim(modelType(), c);
        var norm = new RmsNorm.Spec(c.hiddenSize(), or(c.rmsNormEps(), 1e-6));
        var attention = LlamaKind.attention(c, keyValueHeads(c), headDim, new CausalMask())
                .withBias(new AttentionBias(InputBias.ALL, false))
                .withRope(RopeParameters.of(modelType(), c, headDim, or(c.maxPositionEmbeddings(), 32_768), 10_000));
        var feedForward = LlamaKind.gatedMlp(c, or(c.hiddenAct(), "silu"));
        var blocks = windowedBlocks(modelType(), c, norm, attention, feedForward);
        return LlamaKind.model(modelType(), c, task, blocks, norm);
    }

    /** Pre-norm blocks, of which those from {@code max_window_layers} on, or those the file names, see a window. */
    static List<Block.Spec> windowedBlocks(
            String family, WindowedConfig c, Norm.Spec norm, SelfAttention.Spec attention,
            FeedForward.Spec feedForward) {
        OptionalInt window = or(c.useSlidingWindow(), false)
                ? or(c.slidingWindow(), OptionalInt.of(4096))
                : OptionalInt.empty();
        int full = or(c.maxWindowLayers(), 28);
        return LlamaKind.layerTypes(family, c.numHiddenLayers(), c.layerTypes(),
                        layer -> window.isPresent() && layer >= full).stream()
                .map(type -> attention.withMask(LlamaKind.causal(family, type, window)))
                .map(masked -> Block.Spec.of(norm, Block.NormOrder.PRE, masked, feedForward))
                .toList();
    }

    private static int keyValueHeads(Config c) {
        return LlamaKind.keyValueHeads(c, c.numKeyValueHeads(), OptionalInt.of(32));
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String prefix = task == Task.QUESTION_ANSWERING ? "transformer." : "model.";
        var map = LlamaWeights.preNorm(c, task, keyValueHeads(c), LlamaKind.headDim(modelType(), c), prefix);
        return LlamaWeights.built(LlamaWeights.gated(map, prefix), task);
    }

    @Override
    public List<GgufForm<Config>> gguf() {
        return List.of(GgufForm.of("qwen2", "Qwen2ForCausalLM",
                LlamaGguf.and(LlamaGguf.keys(32_768, 1e-6, 32), new LlamaGguf.HeadDim(0),
                        new RopeGguf(10_000, 0, false), GgufKeys.fixed("hidden_act", "silu"),
                        GgufKeys.fixed("use_sliding_window", false)),
                c -> LlamaGguf.halved()));
    }
}
