package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.BaseHead;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.QuestionAnsweringHead;
import org.jformers.model.head.SequenceClassificationHead;
import org.jformers.model.head.TokenClassificationHead;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.AttentionWeights;
import org.jformers.nn.attention.InputBias;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.mask.SlidingWindowMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.InputEmbedding.Segments;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * GPT-Neo: GPT-2 with a view of the most recent tokens only in every other layer.
 *
 * <p>Reference: Black et al. 2021, doi:10.5281/zenodo.5297715; transformers 5.18 {@code models/gpt_neo}.
 *
 * <p>Differences from GPT-2: local layers, scores that are not divided by the root of the head width, no biases on
 * queries, keys and values, linear maps stored as they are.
 */
public final class GptNeo implements ModelFamily<GptNeo.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int maxPositionEmbeddings,
            int hiddenSize,
            int numLayers,
            int numHeads,
            @Nullable Integer intermediateSize,
            @Nullable List<Layers> attentionTypes,
            @Nullable List<String> attentionLayers,
            @Nullable Integer windowSize,
            @Nullable String activationFunction,
            @Nullable Double residDropout,
            @Nullable Double embedDropout,
            @Nullable Double attentionDropout,
            @Nullable Double classifierDropout,
            @Nullable Double layerNormEpsilon,
            @Nullable Double initializerRange,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {}

    /** Kinds of attention, layer by layer, and how often this repeats: {@code [["global", "local"], 12]}. */
    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    @JsonPropertyOrder({"kinds", "times"})
    public record Layers(List<String> kinds, int times) {}

    @Override
    public String modelType() {
        return "gpt_neo";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "GPTNeoModel", Task.BASE,
                "GPTNeoForCausalLM", Task.CAUSAL_LM,
                "GPTNeoForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "GPTNeoForTokenClassification", Task.TOKEN_CLASSIFICATION,
                "GPTNeoForQuestionAnswering", Task.QUESTION_ANSWERING);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int width = c.hiddenSize();
        int headDim = headDim(modelType(), "hidden_size", width, "num_heads", c.numHeads());
        double range = or(c.initializerRange(), 0.02);
        var norm = new LayerNorm.Spec(width, or(c.layerNormEpsilon(), 1e-5));
        var input = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), width, -1))
                .withPositions(new LearnedPositions.Spec(c.maxPositionEmbeddings(), width))
                .withSegments(new Segments.TokenTable())
                .withDropout(or(c.embedDropout(), 0.0));
        var feedForward = new Mlp.Spec(width, or(c.intermediateSize(), 4 * width),
                Activation.named(or(c.activationFunction(), "gelu_new")));
        List<Block.Spec> blocks = kinds(c).stream()
                .map(kind -> SelfAttention.Spec.of(width, c.numHeads(), headDim, mask(c, kind))
                        .withBias(new AttentionBias(InputBias.NONE, true))
                        .withWeights(new AttentionWeights(1, or(c.attentionDropout(), 0.0))))
                .map(attention -> Block.Spec.of(norm, Block.NormOrder.PRE, attention, feedForward)
                        .withDropout(or(c.residDropout(), 0.0)))
                .toList();
        return new SingleStackModel.Spec(
                Stack.Spec.of(input, blocks).withFinalNorm(norm), head(c, task),
                new Initialization.Normal(range, range));
    }

    /** What kind of attention each layer has. */
    private static List<String> kinds(Config c) {
        List<Layers> types = or(c.attentionTypes(), List.of(new Layers(List.of("global", "local"), 12)));
        List<String> kinds = or(c.attentionLayers(), types.stream()
                .flatMap(layers -> Collections.nCopies(Math.max(0, layers.times()), layers.kinds()).stream())
                .flatMap(List::stream)
                .toList());
        if (kinds.size() != c.numLayers()) {
            throw new ConfigException("gpt_neo: got attention_types for " + kinds.size()
                    + " layers, allowed num_layers (" + c.numLayers() + ")");
        }
        return kinds;
    }

    private static Mask mask(Config c, String kind) {
        return switch (kind) {
            case "global" -> new CausalMask();
            case "local" -> new CausalMask().and(new SlidingWindowMask(or(c.windowSize(), 256)));
            default -> throw new ConfigException("gpt_neo: got attention type " + kind + ", allowed global, local");
        };
    }

    private static Head.Spec head(Config c, Task task) {
        int width = c.hiddenSize();
        int classes = c.common().labels().size();
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case CAUSAL_LM -> LanguageModelHead.Spec.of(
                    c.vocabSize(), width, c.common().tieWordEmbeddings(), LanguageModelHead.Target.NEXT);
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    width, classes, new SequenceClassificationHead.Summary.LastToken(c.common().padTokenId()),
                    false, 0, c.common().problemType());
            case TOKEN_CLASSIFICATION ->
                    new TokenClassificationHead.Spec(width, classes, or(c.classifierDropout(), 0.1));
            case QUESTION_ANSWERING -> new QuestionAnsweringHead.Spec(width);
            default -> throw new ConfigException("gpt_neo: got task " + task + ", which has no head");
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String tokens = "body.input.tokens.weight";
        String layer = "transformer.h.{}.";
        String attention = layer + "attn.attention.";
        String block = "body.blocks.{}.";
        var map = WeightMap.builder()
                .prefix("transformer.")
                .map("transformer.wte.weight", tokens)
                .map("transformer.wpe.weight", "body.input.positions.weight")
                .module(layer + "ln_1", block + "attentionNorm")
                .concatenated(
                        List.of(attention + "q_proj.weight", attention + "k_proj.weight", attention + "v_proj.weight"),
                        block + "attention.qkv.weight")
                .module(attention + "out_proj", block + "attention.out")
                .module(layer + "ln_2", block + "feedForwardNorm")
                .module(layer + "mlp.c_fc", block + "feedForward.in")
                .module(layer + "mlp.c_proj", block + "feedForward.out")
                .module("transformer.ln_f", "body.finalNorm")
                .map("score.weight", "head.classifier.weight")
                .module("classifier", "head.tokenClassifier")
                .module("qa_outputs", "head.span")
                .ignored(attention + "bias")
                .ignored(attention + "masked_bias");
        var tied = c.common().tieWordEmbeddings()
                ? map.tied("lm_head.weight", tokens)
                : map.map("lm_head.weight", "head.weight");
        return task == Task.BASE ? tied.build().withoutPrefix() : tied.build();
    }
}
