package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.GgufForm;
import org.jformers.model.GgufKeys;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.block.Block;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.norm.RmsNorm;
import org.jspecify.annotations.Nullable;

/**
 * Llama 1 to 3: a decoder with pre-norm blocks, RMS norms, grouped heads, rotary positions and SwiGLU.
 *
 * <p>Reference: arXiv:2302.13971, arXiv:2307.09288, arXiv:2407.21783; transformers 5.18 {@code models/llama}. Its
 * {@code pretraining_tp} changes nothing but rounding and is not read.
 */
public final class Llama implements ModelFamily<Llama.Config> {

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
            @Nullable String hiddenAct,
            @Nullable Integer maxPositionEmbeddings,
            @Nullable Double initializerRange,
            @Nullable Double rmsNormEps,
            @Nullable Double ropeTheta,
            @Nullable Map<String, Object> ropeScaling,
            @Nullable Map<String, Object> ropeParameters,
            @Nullable Boolean attentionBias,
            @Nullable Double attentionDropout,
            @Nullable Boolean mlpBias,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements LlamaKind.Config {}

    @Override
    public String modelType() {
        return "llama";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return LlamaKind.architectures("Llama");
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int headDim = LlamaKind.headDim(modelType(), c);
        var norm = new RmsNorm.Spec(c.hiddenSize(), or(c.rmsNormEps(), 1e-6));
        var attention = LlamaKind.attention(c, keyValueHeads(c), headDim, new CausalMask())
                .withBias(AttentionBias.everywhere(or(c.attentionBias(), false)))
                .withRope(RopeParameters.of(modelType(), c, headDim, or(c.maxPositionEmbeddings(), 2048), 10_000));
        var feedForward = LlamaKind.gatedMlp(c, or(c.hiddenAct(), "silu"))
                .withBias(or(c.mlpBias(), false));
        var block = Block.Spec.of(norm, Block.NormOrder.PRE, attention, feedForward);
        return LlamaKind.model(modelType(), c, task, Collections.nCopies(c.numHiddenLayers(), block), norm);
    }

    private static int keyValueHeads(Config c) {
        return or(c.numKeyValueHeads(), c.numAttentionHeads());
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String prefix = task == Task.QUESTION_ANSWERING ? "transformer." : "model.";
        int headDim = LlamaKind.headDim(modelType(), c);
        var map = LlamaWeights.preNorm(c, task, keyValueHeads(c), headDim, prefix);
        return LlamaWeights.built(LlamaWeights.gated(map, prefix), task);
    }

    @Override
    public List<GgufForm<Config>> gguf() {
        return List.of(GgufForm.of("llama", "LlamaForCausalLM",
                LlamaGguf.and(LlamaGguf.keys(2048, 1e-6, 0), new LlamaGguf.HeadDim(0), new RopeGguf(10_000, 0, true),
                        GgufKeys.fixed("hidden_act", "silu"),
                        GgufKeys.present("blk.0.attn_q.bias", "attention_bias"),
                        GgufKeys.present("blk.0.ffn_up.bias", "mlp_bias"),
                        new LlamaGguf.NoExperts()),
                c -> LlamaGguf.paired(c.numAttentionHeads(), keyValueHeads(c))));
    }
}
