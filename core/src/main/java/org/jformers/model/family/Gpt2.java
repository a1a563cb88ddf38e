package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.GgufForm;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.BaseHead;
import org.jformers.model.head.DoubleHead;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.QuestionAnsweringHead;
import org.jformers.model.head.SequenceClassificationHead;
import org.jformers.model.head.TokenClassificationHead;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.AttentionWeights;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.InputEmbedding.Segments;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * GPT-2: a decoder with pre-norm blocks, learned positions, tanh GELU and a tied output layer.
 *
 * <p>Reference: Radford et al. 2019; transformers 5.18 {@code models/gpt2}. Its linear maps are stored transposed, and
 * q, k, v as one. Segments, where they are given, are ids of tokens.
 */
public final class Gpt2 implements ModelFamily<Gpt2.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int nPositions,
            int nEmbd,
            int nLayer,
            int nHead,
            @Nullable Integer nInner,
            @Nullable String activationFunction,
            @Nullable Double residPdrop,
            @Nullable Double embdPdrop,
            @Nullable Double attnPdrop,
            @Nullable Double layerNormEpsilon,
            @Nullable Double initializerRange,
            @Nullable Boolean scaleAttnWeights,
            @Nullable Boolean scaleAttnByInverseLayerIdx,
            @Nullable Boolean reorderAndUpcastAttn,
            @Nullable Boolean addCrossAttention,
            @Nullable Double classifierDropout,
            @Nullable Double hiddenDropout,
            @Nullable String summaryType,
            @Nullable Boolean summaryUseProj,
            @Nullable String summaryActivation,
            @Nullable Boolean summaryProjToLabels,
            @Nullable Double summaryFirstDropout,
            @Nullable Double summaryLastDropout,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config, SummaryKeys {}

    @Override
    public String modelType() {
        return "gpt2";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "GPT2Model", Task.BASE,
                "GPT2LMHeadModel", Task.CAUSAL_LM,
                "GPT2DoubleHeadsModel", Task.DOUBLE_HEADS,
                "GPT2ForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "GPT2ForTokenClassification", Task.TOKEN_CLASSIFICATION,
                "GPT2ForQuestionAnswering", Task.QUESTION_ANSWERING);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int headDim = headDim("gpt2", "n_embd", c.nEmbd(), "n_head", c.nHead());
        double residual = or(c.residPdrop(), 0.1);
        var norm = new LayerNorm.Spec(c.nEmbd(), or(c.layerNormEpsilon(), 1e-5));
        var input = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), c.nEmbd(), -1))
                .withPositions(new LearnedPositions.Spec(c.nPositions(), c.nEmbd()))
                .withSegments(new Segments.TokenTable())
                .withDropout(or(c.embdPdrop(), 0.1));
        var feedForward = new Mlp.Spec(
                c.nEmbd(), or(c.nInner(), 4 * c.nEmbd()), Activation.named(or(c.activationFunction(), "gelu_new")));
        List<Block.Spec> blocks = IntStream.range(0, c.nLayer())
                .mapToObj(layer -> Block.Spec.of(norm, Block.NormOrder.PRE, attention(c, headDim, layer), feedForward)
                        .withCrossAttention(crossAttention(c, headDim, layer)).withDropout(residual))
                .toList();
        double range = or(c.initializerRange(), 0.02);
        return new SingleStackModel.Spec(
                Stack.Spec.of(input, blocks).withFinalNorm(norm), head(c, task),
                new Initialization.Normal(range, range / Math.sqrt(2.0 * c.nLayer())));
    }

    private static SelfAttention.Spec attention(Config c, int headDim, int layer) {
        return SelfAttention.Spec.of(c.nEmbd(), c.nHead(), headDim, new CausalMask())
                .withWeights(weights(c, headDim, layer));
    }

    private static Optional<CrossAttention.Spec> crossAttention(Config c, int headDim, int layer) {
        return or(c.addCrossAttention(), false)
                ? Optional.of(CrossAttention.Spec.of(c.nEmbd(), c.nHead(), headDim)
                        .withWeights(weights(c, headDim, layer)))
                : Optional.empty();
    }

    private static AttentionWeights weights(Config c, int headDim, int layer) {
        double scale = or(c.scaleAttnWeights(), true) ? 1 / Math.sqrt(headDim) : 1;
        boolean falls = or(c.scaleAttnByInverseLayerIdx(), false);
        return new AttentionWeights(falls ? scale / (layer + 1) : scale, or(c.attnPdrop(), 0.1));
    }

    private static Head.Spec head(Config c, Task task) {
        int classes = c.common().labels().size();
        var languageModel = LanguageModelHead.Spec.of(
                c.vocabSize(), c.nEmbd(), c.common().tieWordEmbeddings(), LanguageModelHead.Target.NEXT);
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case CAUSAL_LM -> languageModel;
            // One score per choice, however many labels the config names.
            case DOUBLE_HEADS -> new DoubleHead.Spec(languageModel, c.summary(c.nEmbd(), 1, "cls_index"));
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    c.nEmbd(), classes, new SequenceClassificationHead.Summary.LastToken(c.common().padTokenId()),
                    false, 0, c.common().problemType());
            case TOKEN_CLASSIFICATION -> new TokenClassificationHead.Spec(
                    c.nEmbd(), classes, or(c.classifierDropout(), or(c.hiddenDropout(), 0.1)));
            case QUESTION_ANSWERING -> new QuestionAnsweringHead.Spec(c.nEmbd());
            default -> throw new ConfigException("gpt2: got task " + task + ", which has no head");
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String head = task == Task.DOUBLE_HEADS ? "head.languageModel" : "head";
        String layer = "transformer.h.{}.";
        String block = "body.blocks.{}.";
        var map = WeightMap.builder()
                .prefix("transformer.")
                .map("transformer.wte.weight", "body.input.tokens.weight")
                .map("transformer.wpe.weight", "body.input.positions.weight")
                .module(layer + "ln_1", block + "attentionNorm")
                .conv1d(layer + "attn.c_attn", block + "attention.qkv")
                .conv1d(layer + "attn.c_proj", block + "attention.out")
                .module(layer + "ln_cross_attn", block + "crossAttentionNorm")
                .conv1d(layer + "crossattention.q_attn", block + "crossAttention.q")
                .conv1d(layer + "crossattention.c_attn", block + "crossAttention.kv")
                .conv1d(layer + "crossattention.c_proj", block + "crossAttention.out")
                .module(layer + "ln_2", block + "feedForwardNorm")
                .conv1d(layer + "mlp.c_fc", block + "feedForward.in")
                .conv1d(layer + "mlp.c_proj", block + "feedForward.out")
                .module("transformer.ln_f", "body.finalNorm")
                .map("score.weight", "head.classifier.weight")
                .module("classifier", "head.tokenClassifier")
                .module("qa_outputs", "head.span")
                .module("multiple_choice_head.summary", "head.summary.dense")
                .ignored(layer + "attn.bias")
                .ignored(layer + "attn.masked_bias");
        var tied = c.common().tieWordEmbeddings()
                ? map.tied("lm_head.weight", "body.input.tokens.weight")
                : map.map("lm_head.weight", head + ".weight");
        return task == Task.BASE ? tied.build().withoutPrefix() : tied.build();
    }

    @Override
    public List<GgufForm<Config>> gguf() {
        return List.of(Gpt2Gguf.form());
    }
}
