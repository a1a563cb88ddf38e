package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonProperty;
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
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.position.PositionRule;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.InputEmbedding.Projection;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * OPT: a decoder that follows GPT-3, with norms before or behind its parts.
 *
 * <p>Reference: arXiv:2205.01068; transformers 5.18 {@code models/opt}.
 *
 * <p>Differences from GPT-2: positions count real tokens, from the third row of their table; token vectors may be
 * narrower than the layers, with a map in and one out; ReLU; post-norm blocks in one size; biases and trained norms may
 * be missing.
 */
public final class Opt implements ModelFamily<Opt.Config> {
    private static final int OFFSET = 2;
    private static final int PADDING = 1;

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int hiddenSize,
            int numHiddenLayers,
            int ffnDim,
            int maxPositionEmbeddings,
            int numAttentionHeads,
            @Nullable Integer wordEmbedProjDim,
            @Nullable Boolean doLayerNormBefore,
            @JsonProperty("_remove_final_layer_norm") @Nullable Boolean removeFinalLayerNorm,
            @Nullable Boolean enableBias,
            @Nullable Boolean layerNormElementwiseAffine,
            @Nullable String activationFunction,
            @Nullable Double dropout,
            @Nullable Double attentionDropout,
            @Nullable Double layerdrop,
            @Nullable Double initStd,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {

        /** Width of the token vectors. */
        int tokenWidth() {
            return or(wordEmbedProjDim, hiddenSize);
        }
    }

    @Override
    public String modelType() {
        return "opt";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "OPTModel", Task.BASE,
                "OPTForCausalLM", Task.CAUSAL_LM,
                "OPTForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "OPTForQuestionAnswering", Task.QUESTION_ANSWERING);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        double deviation = or(c.initStd(), 0.02);
        return new SingleStackModel.Spec(body(c), head(c, task), new Initialization.Normal(deviation, deviation));
    }

    private static Stack.Spec body(Config c) {
        int width = c.hiddenSize();
        int headDim = headDim("opt", "hidden_size", width, "num_attention_heads", c.numAttentionHeads());
        boolean before = or(c.doLayerNormBefore(), true);
        boolean bias = or(c.enableBias(), true);
        var norm = new LayerNorm.Spec(width, 1e-5, or(c.layerNormElementwiseAffine(), true)
                ? LayerNorm.Parameters.SCALE_AND_BIAS
                : LayerNorm.Parameters.NONE);
        var tokens = new Embedding.Spec(c.vocabSize(), c.tokenWidth(), c.common().padTokenId(PADDING).orElse(-1));
        var input = InputEmbedding.Spec.of(tokens).withPositions(
                new LearnedPositions.Spec(c.maxPositionEmbeddings() + OFFSET, width),
                new PositionRule.RealTokens(OFFSET));
        var attention = SelfAttention.Spec.of(width, c.numAttentionHeads(), headDim, new CausalMask())
                .withBias(AttentionBias.everywhere(bias)).withDropout(or(c.attentionDropout(), 0.0));
        var feedForward = new Mlp.Spec(
                width, c.ffnDim(), Activation.named(or(c.activationFunction(), "relu")), bias, 0, Optional.empty());
        var block = Block.Spec.of(
                norm, before ? Block.NormOrder.PRE : Block.NormOrder.POST, attention, feedForward)
                .withDropout(or(c.dropout(), 0.1));
        boolean narrow = c.tokenWidth() != width;
        boolean normed = before && !or(c.removeFinalLayerNorm(), false);
        var body = Stack.Spec.of(
                narrow ? input.withProjection(width, Projection.Place.BEFORE_POSITIONS) : input,
                Collections.nCopies(c.numHiddenLayers(), block));
        return body.withLayerDrop(or(c.layerdrop(), 0.0)).withEnd(new Stack.Final(
                normed ? Optional.of(norm) : Optional.empty(),
                narrow ? Optional.of(c.tokenWidth()) : Optional.empty(), 0, Stack.LastState.NORMED));
    }

    private static Head.Spec head(Config c, Task task) {
        int width = c.tokenWidth();
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case CAUSAL_LM -> LanguageModelHead.Spec.of(
                    c.vocabSize(), width, c.common().tieWordEmbeddings(), LanguageModelHead.Target.NEXT);
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    width, c.common().labels().size(),
                    new SequenceClassificationHead.Summary.LastToken(c.common().padTokenId(PADDING)),
                    false, 0, c.common().problemType());
            case QUESTION_ANSWERING -> new QuestionAnsweringHead.Spec(width);
            default -> throw new ConfigException("opt: got task " + task + ", which has no head");
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String tokens = "body.input.tokens.weight";
        String from = "model.decoder.";
        String layer = from + "layers.{}.";
        String self = layer + "self_attn.";
        String block = "body.blocks.{}.";
        var map = WeightMap.builder()
                .prefix("model.")
                .map(from + "embed_tokens.weight", tokens)
                .map(from + "embed_positions.weight", "body.input.positions.weight")
                .map(from + "project_in.weight", "body.input.projection.weight")
                .map(from + "project_out.weight", "body.finalProjection.weight")
                .module(from + "final_layer_norm", "body.finalNorm")
                .stacked(List.of(self + "q_proj", self + "k_proj", self + "v_proj"), block + "attention.qkv")
                .module(self + "out_proj", block + "attention.out")
                .module(layer + "self_attn_layer_norm", block + "attentionNorm")
                .module(layer + "fc1", block + "feedForward.in")
                .module(layer + "fc2", block + "feedForward.out")
                .module(layer + "final_layer_norm", block + "feedForwardNorm")
                .map("score.weight", "head.classifier.weight")
                .module("qa_outputs", "head.span");
        var tied = c.common().tieWordEmbeddings()
                ? map.tied("lm_head.weight", tokens)
                : map.map("lm_head.weight", "head.weight");
        return task == Task.BASE ? tied.build().withoutPrefix() : tied.build();
    }
}
