package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.GgufForm;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.AttentionWeights;
import org.jformers.nn.block.Block;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.TwoSidedWindowMask;
import org.jformers.nn.norm.RmsNorm;
import org.jformers.nn.norm.RmsNorm.Scale;
import org.jformers.nn.position.Rope;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.InputEmbedding.Scaled;
import org.jspecify.annotations.Nullable;

/**
 * Gemma 3, the text part: Gemma 2 with norms on queries and keys, one full layer in six, and waves of their own for
 * both kinds of layers.
 *
 * <p>Reference: arXiv:2503.19786; transformers 5.18 {@code models/gemma3} ({@code gemma3_text}).
 *
 * <p>Differences from {@link Gemma2}: queries and keys are normalised per head, scores of attention have no bound
 * whatever {@code attn_logit_softcapping} says, those of the vocabulary none by default; rotary base 1e6 in full layers
 * and 1e4 in windows; on request all tokens see each other.
 */
public final class Gemma3 implements ModelFamily<Gemma3.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int hiddenSize,
            int intermediateSize,
            int numHiddenLayers,
            int numAttentionHeads,
            @Nullable Integer numKeyValueHeads,
            @Nullable Integer headDim,
            @Nullable String hiddenActivation,
            @Nullable Integer maxPositionEmbeddings,
            @Nullable Double initializerRange,
            @Nullable Double rmsNormEps,
            @Nullable Double ropeTheta,
            @Nullable Map<String, Object> ropeScaling,
            @Nullable Map<String, Object> ropeParameters,
            @Nullable Double ropeLocalBaseFreq,
            @Nullable Boolean attentionBias,
            @Nullable Double attentionDropout,
            @Nullable Integer queryPreAttnScalar,
            @Nullable OptionalInt slidingWindow,
            @Nullable List<String> layerTypes,
            @Nullable OptionalDouble finalLogitSoftcapping,
            @Nullable Boolean useBidirectionalAttention,
            @Nullable Integer slidingWindowPattern,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements LlamaKind.Config {}

    @Override
    public String modelType() {
        return "gemma3_text";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "Gemma3TextModel", Task.BASE,
                "Gemma3ForCausalLM", Task.CAUSAL_LM,
                "Gemma3TextForSequenceClassification", Task.SEQUENCE_CLASSIFICATION);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int headDim = or(c.headDim(), 256);
        var norm = new RmsNorm.Spec(c.hiddenSize(), or(c.rmsNormEps(), 1e-6), Scale.ONE_PLUS_WEIGHT);
        var attention = LlamaKind.attention(c, or(c.numKeyValueHeads(), 4), headDim, new CausalMask())
                .withBias(AttentionBias.everywhere(or(c.attentionBias(), false)))
                .withWeights(new AttentionWeights(
                        1 / Math.sqrt(or(c.queryPreAttnScalar(), 256)), or(c.attentionDropout(), 0.0)))
                .withHeadNorm(new RmsNorm.Spec(headDim, norm.epsilon(), Scale.ONE_PLUS_WEIGHT));
        var feedForward = LlamaKind.gatedMlp(c, or(c.hiddenActivation(), "gelu_pytorch_tanh"));
        int pattern = or(c.slidingWindowPattern(), 6);
        List<Block.Spec> blocks = LlamaKind
                .layerTypes(modelType(), c.numHiddenLayers(), c.layerTypes(),
                        layer -> (layer + 1) % pattern != 0).stream()
                .map(type -> attention.withMask(mask(c, type)).withRope(rope(c, type, headDim)))
                .map(placed -> Block.Spec.of(norm, Block.NormOrder.SANDWICH, placed, feedForward))
                .toList();
        var padding = c.common().padTokenId(0);
        var scale = new InputEmbedding.Scale(Math.sqrt(c.hiddenSize()), Scaled.IDS_ROUNDED);
        return LlamaKind.decoder(
                c, LlamaKind.input(c, padding).withScale(scale), blocks, norm,
                LlamaKind.head(modelType(), c, task, c.common().tieWordEmbeddings(), padding,
                        LlamaKind.cap(c.finalLogitSoftcapping(), OptionalDouble.empty())));
    }

    private Mask mask(Config c, String layerType) {
        OptionalInt window = or(c.slidingWindow(), OptionalInt.of(4096));
        Mask causal = LlamaKind.causal(modelType(), layerType, window);
        if (!or(c.useBidirectionalAttention(), false)) {
            return causal;
        }
        return layerType.equals(LlamaKind.SLIDING) ? new TwoSidedWindowMask(window.getAsInt() / 2) : new FullMask();
    }

    /** Older files have one setting more for the layers with windows, and scale the others only. */
    private Rope.Spec rope(Config c, String layerType, int headDim) {
        boolean full = layerType.equals(LlamaKind.FULL);
        Map<String, Object> settings = new LinkedHashMap<>();
        if (c.ropeParameters() != null && c.ropeParameters().get(layerType) instanceof Map<?, ?> own) {
            own.forEach((key, value) -> settings.put(String.valueOf(key), value));
        }
        if (full && c.ropeScaling() != null) {
            settings.putAll(c.ropeScaling());
        }
        double base = full ? or(c.ropeTheta(), 1e6) : or(c.ropeLocalBaseFreq(), 1e4);
        return RopeParameters.ofLayers(modelType(), settings, headDim, or(c.maxPositionEmbeddings(), 131_072), base);
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        var map = LlamaWeights.common(
                        c, task, or(c.numKeyValueHeads(), 4), or(c.headDim(), 256), c.common().tieWordEmbeddings(),
                        "model.")
                .map("model.layers.{}.self_attn.q_norm.weight", "body.blocks.{}.attention.queryNorm.weight")
                .map("model.layers.{}.self_attn.k_norm.weight", "body.blocks.{}.attention.keyNorm.weight");
        return LlamaWeights.built(LlamaWeights.gated(LlamaWeights.sandwich(map), "model."), task);
    }

    @Override
    public List<GgufForm<Config>> gguf() {
        return List.of(GgufForm.of("gemma3", "Gemma3ForCausalLM",
                LlamaGguf.and(GemmaGguf.keys(131_072, 62), new GemmaGguf.Rope(), new GemmaGguf.Windows(6),
                        new GemmaGguf.OptionalCap("final_logit_softcapping")),
                c -> LlamaGguf.sandwiched()));
    }
}
