package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.GgufForm;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.AttentionWeights;
import org.jformers.nn.block.Block;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.norm.RmsNorm;
import org.jformers.nn.norm.RmsNorm.Scale;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.InputEmbedding.Scaled;
import org.jspecify.annotations.Nullable;

/**
 * Gemma 2: a decoder with norms before and behind both parts of a block, bounded scores and every other layer in a
 * window.
 *
 * <p>Reference: arXiv:2408.00118; transformers 5.18 {@code models/gemma2}.
 *
 * <p>Differences from {@link Llama}: sandwich norms that scale by 1 + w, token vectors times sqrt(width), a tied output
 * layer by default, tanh GELU gates, scores of attention and vocabulary bounded by tanh, a free attention scale,
 * windows.
 */
public final class Gemma2 implements ModelFamily<Gemma2.Config> {

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
            @Nullable Boolean attentionBias,
            @Nullable Double attentionDropout,
            @Nullable Integer queryPreAttnScalar,
            @Nullable OptionalInt slidingWindow,
            @Nullable List<String> layerTypes,
            @Nullable OptionalDouble attnLogitSoftcapping,
            @Nullable OptionalDouble finalLogitSoftcapping,
            @Nullable Boolean useBidirectionalAttention,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements LlamaKind.Config {}

    @Override
    public String modelType() {
        return "gemma2";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        Map<String, Task> architectures = LlamaKind.architectures("Gemma2");
        architectures.remove("Gemma2ForQuestionAnswering");
        return architectures;
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        if (or(c.useBidirectionalAttention(), false)) {
            throw new ConfigException("gemma2: got use_bidirectional_attention true, allowed false");
        }
        int headDim = or(c.headDim(), 256);
        var norm = new RmsNorm.Spec(c.hiddenSize(), or(c.rmsNormEps(), 1e-6), Scale.ONE_PLUS_WEIGHT);
        var attention = LlamaKind.attention(c, or(c.numKeyValueHeads(), 4), headDim, new CausalMask())
                .withBias(AttentionBias.everywhere(or(c.attentionBias(), false)))
                .withWeights(new AttentionWeights(
                        1 / Math.sqrt(or(c.queryPreAttnScalar(), 256)),
                        LlamaKind.cap(c.attnLogitSoftcapping(), OptionalDouble.of(50)),
                        or(c.attentionDropout(), 0.0)))
                .withRope(RopeParameters.of(modelType(), c, headDim, or(c.maxPositionEmbeddings(), 8192), 10_000));
        var feedForward = LlamaKind.gatedMlp(c, or(c.hiddenActivation(), "gelu_pytorch_tanh"));
        OptionalInt window = or(c.slidingWindow(), OptionalInt.of(4096));
        List<Block.Spec> blocks = LlamaKind
                .layerTypes(modelType(), c.numHiddenLayers(), c.layerTypes(), layer -> layer % 2 == 0).stream()
                .map(type -> attention.withMask(LlamaKind.causal(modelType(), type, window)))
                .map(masked -> Block.Spec.of(norm, Block.NormOrder.SANDWICH, masked, feedForward))
                .toList();
        var padding = c.common().padTokenId(0);
        var scale = new InputEmbedding.Scale(Math.sqrt(c.hiddenSize()), Scaled.IDS_ROUNDED);
        return LlamaKind.decoder(
                c, LlamaKind.input(c, padding).withScale(scale), blocks, norm,
                LlamaKind.head(modelType(), c, task, c.common().tieWordEmbeddings(), padding,
                        LlamaKind.cap(c.finalLogitSoftcapping(), OptionalDouble.of(30))));
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        var map = LlamaWeights.common(
                c, task, or(c.numKeyValueHeads(), 4), or(c.headDim(), 256), c.common().tieWordEmbeddings(), "model.");
        return LlamaWeights.built(LlamaWeights.gated(LlamaWeights.sandwich(map), "model."), task);
    }

    @Override
    public List<GgufForm<Config>> gguf() {
        return List.of(GgufForm.of("gemma2", "Gemma2ForCausalLM",
                LlamaGguf.and(GemmaGguf.keys(8192, 46), new RopeGguf(10_000, 256, false), new GemmaGguf.Windows(2),
                        GemmaGguf.cap("attn_logit_softcapping", 50), GemmaGguf.cap("final_logit_softcapping", 30)),
                c -> LlamaGguf.sandwiched()));
    }
}
