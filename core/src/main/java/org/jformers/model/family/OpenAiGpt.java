package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.BaseHead;
import org.jformers.model.head.DoubleHead;
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
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.InputEmbedding.Segments;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI GPT: a decoder with post-norm blocks, learned positions and a tied output layer.
 *
 * <p>Reference: Radford et al. 2018; transformers 5.18 {@code models/openai}.
 *
 * <p>Differences from GPT-2: the norm stands behind the residual sum, and there is no final norm.
 */
public final class OpenAiGpt implements ModelFamily<OpenAiGpt.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int nPositions,
            int nEmbd,
            int nLayer,
            int nHead,
            @Nullable String afn,
            @Nullable Double residPdrop,
            @Nullable Double embdPdrop,
            @Nullable Double attnPdrop,
            @Nullable Double layerNormEpsilon,
            @Nullable Double initializerRange,
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
        return "openai-gpt";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "OpenAIGPTModel", Task.BASE,
                "OpenAIGPTLMHeadModel", Task.CAUSAL_LM,
                "OpenAIGPTDoubleHeadsModel", Task.DOUBLE_HEADS,
                "OpenAIGPTForSequenceClassification", Task.SEQUENCE_CLASSIFICATION);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int width = c.nEmbd();
        int headDim = headDim(modelType(), "n_embd", width, "n_head", c.nHead());
        double range = or(c.initializerRange(), 0.02);
        var input = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), width, -1))
                .withPositions(new LearnedPositions.Spec(c.nPositions(), width)).withSegments(new Segments.TokenTable())
                .withDropout(or(c.embdPdrop(), 0.1));
        var block = Block.Spec.of(
                        new LayerNorm.Spec(width, or(c.layerNormEpsilon(), 1e-5)), Block.NormOrder.POST,
                        SelfAttention.Spec.of(width, c.nHead(), headDim, new CausalMask())
                                .withDropout(or(c.attnPdrop(), 0.1)),
                        new Mlp.Spec(width, 4 * width, activation(or(c.afn(), "gelu"))))
                .withDropout(or(c.residPdrop(), 0.1));
        return new SingleStackModel.Spec(
                Stack.Spec.of(input, Collections.nCopies(c.nLayer(), block)),
                head(c, task),
                new Initialization.Normal(range, range));
    }

    /** This family's "gelu" is the tanh approximation. */
    private static Activation activation(String name) {
        return name.equals("gelu") ? Activation.GELU_TANH : Activation.named(name);
    }

    private static Head.Spec head(Config c, Task task) {
        int width = c.nEmbd();
        var languageModel = LanguageModelHead.Spec.of(
                c.vocabSize(), width, c.common().tieWordEmbeddings(), LanguageModelHead.Target.NEXT);
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case CAUSAL_LM -> languageModel;
            // One score per choice, however many labels the config names.
            case DOUBLE_HEADS -> new DoubleHead.Spec(languageModel, c.summary(width, 1, "cls_index"));
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    width, c.common().labels().size(),
                    new SequenceClassificationHead.Summary.LastToken(c.common().padTokenId()),
                    false, 0, c.common().problemType());
            default -> throw new ConfigException("openai-gpt: got task " + task + ", which has no head");
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String layer = "transformer.h.{}.";
        String block = "body.blocks.{}.";
        String tokens = "body.input.tokens.weight";
        var map = WeightMap.builder()
                .prefix("transformer.")
                .map("transformer.positions_embed.weight", "body.input.positions.weight")
                .conv1d(layer + "attn.c_attn", block + "attention.qkv")
                .conv1d(layer + "attn.c_proj", block + "attention.out")
                .module(layer + "ln_1", block + "attentionNorm")
                .conv1d(layer + "mlp.c_fc", block + "feedForward.in")
                .conv1d(layer + "mlp.c_proj", block + "feedForward.out")
                .module(layer + "ln_2", block + "feedForwardNorm")
                .map("score.weight", "head.classifier.weight")
                .module("multiple_choice_head.summary", "head.summary.dense")
                .ignored(layer + "attn.bias")
                .ignored("transformer.position_ids");
        // With two heads the shared table is stored under the name of the output layer.
        boolean two = task == Task.DOUBLE_HEADS;
        String table = "transformer.tokens_embed.weight";
        String output = "lm_head.weight";
        var tied = c.common().tieWordEmbeddings()
                ? map.map(two ? output : table, tokens).tied(two ? table : output, tokens)
                : map.map(table, tokens).map(output, two ? "head.languageModel.weight" : "head.weight");
        return task == Task.BASE ? tied.build().withoutPrefix() : tied.build();
    }
}
