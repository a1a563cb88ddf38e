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
import org.jformers.model.GgufForm;
import org.jformers.model.GgufKeys;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.nn.block.Block;
import org.jformers.nn.norm.RmsNorm;
import org.jspecify.annotations.Nullable;

/**
 * Mistral: Llama whose tokens see a window of the past.
 *
 * <p>Reference: arXiv:2310.06825; transformers 5.18 {@code models/mistral}.
 *
 * <p>Differences from {@link Llama}: a sliding window in all layers, 4096 where the file does not say ({@code null} is
 * none), 8 key/value heads by default, no biases.
 */
public final class Mistral implements ModelFamily<Mistral.Config> {

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
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements LlamaKind.Config {}

    @Override
    public String modelType() {
        return "mistral";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return LlamaKind.architectures("Mistral");
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int headDim = LlamaKind.headDim(modelType(), c);
        var norm = new RmsNorm.Spec(c.hiddenSize(), or(c.rmsNormEps(), 1e-6));
        var mask = LlamaKind.causal(or(c.slidingWindow(), OptionalInt.of(4096)));
        var attention = LlamaKind.attention(c, keyValueHeads(c), headDim, mask)
                .withRope(RopeParameters.of(modelType(), c, headDim, or(c.maxPositionEmbeddings(), 131_072), 10_000));
        var feedForward = LlamaKind.gatedMlp(c, or(c.hiddenAct(), "silu"));
        var block = Block.Spec.of(norm, Block.NormOrder.PRE, attention, feedForward);
        return LlamaKind.model(modelType(), c, task, Collections.nCopies(c.numHiddenLayers(), block), norm);
    }

    private static int keyValueHeads(Config c) {
        return LlamaKind.keyValueHeads(c, c.numKeyValueHeads(), OptionalInt.of(8));
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        int headDim = LlamaKind.headDim(modelType(), c);
        var map = LlamaWeights.preNorm(c, task, keyValueHeads(c), headDim, "model.");
        return LlamaWeights.built(LlamaWeights.gated(map, "model."), task);
    }

    /** Written as Llama's, and read as Llama. As those see everything, such files are for texts within a window. */
    @Override
    public List<GgufForm<Config>> gguf() {
        return List.of(GgufForm.<Config>of("llama", "LlamaForCausalLM",
                LlamaGguf.and(LlamaGguf.keys(131_072, 1e-6, 8), new LlamaGguf.HeadDim(0), new RopeGguf(10_000, 0, true),
                        GgufKeys.fixed("hidden_act", "silu"), new LlamaGguf.WithinWindow(4096)),
                c -> LlamaGguf.paired(c.numAttentionHeads(), keyValueHeads(c))).reading(head -> false));
    }
}
