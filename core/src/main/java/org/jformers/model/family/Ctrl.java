package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
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
import org.jformers.model.head.SequenceClassificationHead;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.SinusoidalPositions;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.InputEmbedding.Segments;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * CTRL: a decoder whose first token says what kind of text follows.
 *
 * <p>Reference: arXiv:1909.05858; transformers 5.18 {@code models/ctrl}.
 *
 * <p>Differences from GPT-2: token vectors are multiplied by the root of the width, positions are sines and cosines,
 * ReLU, no dropout on the attention weights, a constant on the scores of tokens; the norms inside the layers have an
 * epsilon that no config changes.
 */
public final class Ctrl implements ModelFamily<Ctrl.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int nPositions,
            int nEmbd,
            int dff,
            int nLayer,
            int nHead,
            @Nullable Double residPdrop,
            @Nullable Double embdPdrop,
            @Nullable Double layerNormEpsilon,
            @Nullable Double initializerRange,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "ctrl";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "CTRLModel", Task.BASE,
                "CTRLLMHeadModel", Task.CAUSAL_LM,
                "CTRLForSequenceClassification", Task.SEQUENCE_CLASSIFICATION);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int width = c.nEmbd();
        int headDim = headDim(modelType(), "n_embd", width, "n_head", c.nHead());
        double range = or(c.initializerRange(), 0.02);
        var input = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), width, -1))
                .withScale(new InputEmbedding.Scale(Math.sqrt(width), InputEmbedding.Scaled.IDS_AND_VECTORS))
                .withSegments(new Segments.TokenTable())
                .withPositions(new SinusoidalPositions.Spec(
                        c.nPositions(), width, SinusoidalPositions.Layout.HALVES))
                .withDropout(or(c.embdPdrop(), 0.1));
        var block = Block.Spec.of(
                        new LayerNorm.Spec(width, 1e-6), Block.NormOrder.PRE,
                        SelfAttention.Spec.of(width, c.nHead(), headDim, new CausalMask()),
                        new Mlp.Spec(width, c.dff(), Activation.RELU))
                .withDropout(or(c.residPdrop(), 0.1));
        return new SingleStackModel.Spec(
                Stack.Spec.of(input, Collections.nCopies(c.nLayer(), block))
                        .withFinalNorm(new LayerNorm.Spec(width, or(c.layerNormEpsilon(), 1e-6))),
                head(c, task),
                new Initialization.Normal(range, range));
    }

    private static Head.Spec head(Config c, Task task) {
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case CAUSAL_LM -> LanguageModelHead.Spec
                    .of(c.vocabSize(), c.nEmbd(), c.common().tieWordEmbeddings(), LanguageModelHead.Target.NEXT)
                    .withBias(LanguageModelHead.Bias.TRAINED);
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    c.nEmbd(), c.common().labels().size(),
                    new SequenceClassificationHead.Summary.LastToken(c.common().padTokenId()),
                    false, 0, c.common().problemType());
            default -> throw new ConfigException("ctrl: got task " + task + ", which has no head");
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String tokens = "body.input.tokens.weight";
        String layer = "transformer.h.{}.";
        String attention = layer + "multi_head_attention.";
        String block = "body.blocks.{}.";
        var map = WeightMap.builder()
                .prefix("transformer.")
                .map("transformer.w.weight", tokens)
                .stacked(List.of(attention + "Wq", attention + "Wk", attention + "Wv"), block + "attention.qkv")
                .module(attention + "dense", block + "attention.out")
                .module(layer + "layernorm1", block + "attentionNorm")
                .module(layer + "ffn.0", block + "feedForward.in")
                .module(layer + "ffn.2", block + "feedForward.out")
                .module(layer + "layernorm2", block + "feedForwardNorm")
                .module("transformer.layernorm", "body.finalNorm")
                .map("lm_head.bias", "head.bias")
                .map("classifier.weight", "head.classifier.weight")
                .ignored("transformer.pos_encoding");
        var tied = c.common().tieWordEmbeddings()
                ? map.tied("lm_head.weight", tokens)
                : map.map("lm_head.weight", "head.weight");
        return task == Task.BASE ? tied.build().withoutPrefix() : tied.build();
    }
}
