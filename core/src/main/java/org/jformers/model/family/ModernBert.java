package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.Task;
import org.jformers.model.head.BaseHead;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.MultipleChoiceHead;
import org.jformers.model.head.QuestionAnsweringHead;
import org.jformers.model.head.SequenceClassificationHead;
import org.jformers.model.head.SequenceSummary;
import org.jformers.model.head.SequenceSummary.Pick;
import org.jformers.model.head.TokenClassificationHead;
import org.jformers.model.head.TransformedHead;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.GatedMlp;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.TwoSidedWindowMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.norm.NoNorm;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * ModernBERT: an encoder with rotary positions, GeGLU and layers that look around far or near.
 *
 * <p>Reference: arXiv:2412.13663; transformers 5.18 {@code models/modernbert}.
 *
 * <p>Differences from BERT: pre-norm, no norm before the first attention; biases only where the config asks for them;
 * rotary positions, one base for global layers and one for local ones; heads stand on a map of the states.
 */
public final class ModernBert implements ModelFamily<ModernBert.Config> {
    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize, int hiddenSize, int numHiddenLayers, int numAttentionHeads, int intermediateSize,
            @Nullable String hiddenActivation, @Nullable Integer maxPositionEmbeddings,
            @Nullable Double initializerRange, @Nullable Double normEps, @Nullable Boolean normBias,
            @Nullable Boolean attentionBias, @Nullable Double attentionDropout, @Nullable List<String> layerTypes,
            @Nullable Integer globalAttnEveryNLayers, @Nullable Map<String, Map<String, Object>> ropeParameters,
            @Nullable Map<String, Object> ropeScaling, @Nullable Double globalRopeTheta,
            @Nullable Double localRopeTheta, @Nullable Integer localAttention, @Nullable Double embeddingDropout,
            @Nullable Boolean mlpBias, @Nullable Double mlpDropout, @Nullable Boolean decoderBias,
            @Nullable String classifierPooling, @Nullable Double classifierDropout, @Nullable Boolean classifierBias,
            @Nullable String classifierActivation, @Nullable Boolean sparsePrediction,
            @Nullable Long sparsePredIgnoreIndex,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other) implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "modernbert";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "ModernBertModel", Task.BASE, "ModernBertForMaskedLM", Task.MASKED_LM,
                "ModernBertForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "ModernBertForTokenClassification", Task.TOKEN_CLASSIFICATION,
                "ModernBertForQuestionAnswering", Task.QUESTION_ANSWERING,
                "ModernBertForMultipleChoice", Task.MULTIPLE_CHOICE);
    }

    @Override
    public SingleStackModel.Spec spec(Config c, Task task) {
        int width = c.hiddenSize();
        int padding = c.common().padTokenId().orElse(-1);
        var input = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), width, padding))
                .withNorm(norm(c)).withDropout(or(c.embeddingDropout(), 0.0));
        Activation activation = Activation.named(or(c.hiddenActivation(), "gelu"));
        var feedForward = new GatedMlp.Spec(width, c.intermediateSize(), activation)
                .withBias(or(c.mlpBias(), false)).withDropout(or(c.mlpDropout(), 0.0));
        List<Block.Spec> blocks = new ArrayList<>();
        int every = or(c.globalAttnEveryNLayers(), 3);
        for (String type : LlamaKind.layerTypes(
                "modernbert", c.numHiddenLayers(), c.layerTypes(), layer -> layer % every != 0)) {
            var norms = new Block.Norms(
                    blocks.isEmpty() ? new NoNorm.Spec(width) : norm(c), norm(c), Block.NormOrder.PRE);
            blocks.add(Block.Spec.of(norms, attention(c, type), feedForward)
                    .withDropout(new Block.ResidualDropout(or(c.attentionDropout(), 0.0), 0)));
        }
        double range = or(c.initializerRange(), 0.02);
        return new SingleStackModel.Spec(Stack.Spec.of(input, blocks).withFinalNorm(norm(c)), head(c, task),
                new Initialization.Normal(range, range / Math.sqrt(2.0 * c.numHiddenLayers())));
    }

    private static LayerNorm.Spec norm(Config c) {
        return new LayerNorm.Spec(c.hiddenSize(), or(c.normEps(), 1e-5), or(c.normBias(), false));
    }

    private static SelfAttention.Spec attention(Config c, String type) {
        int width = c.hiddenSize();
        int headDim = headDim("modernbert", "hidden_size", width, "num_attention_heads", c.numAttentionHeads());
        boolean local = type.equals("sliding_attention");
        Map<String, Object> settings = new HashMap<>(
                or(c.ropeParameters(), Map.<String, Map<String, Object>>of()).getOrDefault(type, Map.of()));
        settings.putAll(or(c.ropeScaling(), Map.of()));
        double base = local ? or(c.localRopeTheta(), 1e4) : or(c.globalRopeTheta(), 1.6e5);
        var rope = RopeParameters.ofLayers("modernbert", settings, headDim, or(c.maxPositionEmbeddings(), 8192), base);
        return SelfAttention.Spec.of(width, c.numAttentionHeads(), headDim,
                        local ? new TwoSidedWindowMask(or(c.localAttention(), 128) / 2) : new FullMask())
                .withBias(AttentionBias.everywhere(or(c.attentionBias(), false)))
                .withRope(rope).withDropout(or(c.attentionDropout(), 0.0));
    }

    private static Head.Spec head(Config c, Task task) {
        int width = c.hiddenSize();
        int classes = c.common().labels().size();
        double dropout = or(c.classifierDropout(), 0.0);
        Activation activation = Activation.named(or(c.classifierActivation(), "gelu"));
        var transform = new LanguageModelHead.Transform(activation, norm(c), or(c.classifierBias(), false));
        var sparse = Optional.of(or(c.sparsePredIgnoreIndex(), -100L)).filter(id -> or(c.sparsePrediction(), false));
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case MASKED_LM -> new LanguageModelHead.Spec(
                    c.vocabSize(), width, c.common().tieWordEmbeddings(), Optional.of(transform),
                    or(c.decoderBias(), true) ? LanguageModelHead.Bias.TRAINED : LanguageModelHead.Bias.NONE,
                    new LanguageModelHead.Scores(1, Optional.empty()),
                    new LanguageModelHead.Labels(LanguageModelHead.Target.SAME, 0, sparse));
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    width, classes, new SequenceClassificationHead.Summary.Mapped(summary(c, task, transform)),
                    true, dropout, c.common().problemType());
            case MULTIPLE_CHOICE -> new MultipleChoiceHead.Spec(summary(c, task, transform).withDropout(0, dropout));
            case TOKEN_CLASSIFICATION -> new TransformedHead.Spec(
                    width, transform, dropout, new TokenClassificationHead.Spec(width, classes, 0));
            case QUESTION_ANSWERING -> new TransformedHead.Spec(
                    width, transform, dropout, new QuestionAnsweringHead.Spec(width));
            default -> throw new ConfigException("modernbert: got task " + task + ", which has no head");
        };
    }

    private static SequenceSummary.Spec summary(Config c, Task task, LanguageModelHead.Transform map) {
        String pooling = or(c.classifierPooling(), "cls");
        if (!List.of("cls", "mean").contains(pooling)) {
            throw new ConfigException("modernbert: got classifier_pooling " + pooling + ", allowed cls, mean");
        }
        Pick first = task == Task.MULTIPLE_CHOICE ? Pick.FIRST_REAL : Pick.FIRST;
        return SequenceSummary.Spec.of(c.hiddenSize(), pooling.equals("cls") ? first : Pick.MEAN_REAL)
                .withDense(Optional.of(new SequenceSummary.Dense(c.hiddenSize(), map.bias())), map.activation())
                .withNorm(map.norm());
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String tokens = "body.input.tokens.weight";
        String layer = "model.layers.{}.";
        String block = "body.blocks.{}.";
        boolean sequence = task == Task.SEQUENCE_CLASSIFICATION || task == Task.MULTIPLE_CHOICE;
        String map = sequence ? "head.summary." : "head.";
        String classifier = task == Task.QUESTION_ANSWERING ? "head.head.span" : "head.head.tokenClassifier";
        var weights = WeightMap.builder()
                .prefix("model.").map("model.embeddings.tok_embeddings.weight", tokens)
                .module("model.embeddings.norm", "body.input.norm")
                .module(layer + "attn_norm", block + "attentionNorm")
                .module(layer + "attn.Wqkv", block + "attention.qkv").module(layer + "attn.Wo", block + "attention.out")
                .module(layer + "mlp_norm", block + "feedForwardNorm")
                .module(layer + "mlp.Wi", block + "feedForward.in").module(layer + "mlp.Wo", block + "feedForward.out")
                .module("model.final_norm", "body.finalNorm")
                .module("head.dense", map + "dense").module("head.norm", map + "norm")
                .map("decoder.bias", "head.bias").module("classifier", sequence ? "head.classifier" : classifier);
        var tied = c.common().tieWordEmbeddings()
                ? weights.tied("decoder.weight", tokens)
                : weights.map("decoder.weight", "head.weight");
        return task == Task.BASE ? tied.build().withoutPrefix() : tied.build();
    }
}
