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
import org.jformers.model.GgufForm;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.EncoderHeads;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.SequenceSummary;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.position.SinusoidalPositions;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * DistilBERT: a BERT of half as many layers.
 *
 * <p>Reference: arXiv:1910.01108; transformers 5.18 {@code models/distilbert}.
 *
 * <p>Differences from BERT: no segments and no pooler; labels and choices are read from the first token through a map
 * and ReLU; positions may start as sinusoids, and are trained all the same.
 */
public final class DistilBert implements ModelFamily<DistilBert.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int maxPositionEmbeddings,
            @Nullable Boolean sinusoidalPosEmbds,
            int nLayers,
            int nHeads,
            int dim,
            int hiddenDim,
            @Nullable Double dropout,
            @Nullable Double attentionDropout,
            @Nullable String activation,
            @Nullable Double initializerRange,
            @Nullable Double qaDropout,
            @Nullable Double seqClassifDropout,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "distilbert";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "DistilBertModel", Task.BASE,
                "DistilBertForMaskedLM", Task.MASKED_LM,
                "DistilBertForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "DistilBertForMultipleChoice", Task.MULTIPLE_CHOICE,
                "DistilBertForTokenClassification", Task.TOKEN_CLASSIFICATION,
                "DistilBertForQuestionAnswering", Task.QUESTION_ANSWERING);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int width = c.dim();
        int headDim = headDim("distilbert", "dim", width, "n_heads", c.nHeads());
        double dropout = or(c.dropout(), 0.1);
        var activation = Activation.named(or(c.activation(), "gelu"));
        var norm = new LayerNorm.Spec(width, 1e-12);
        var positions = new LearnedPositions.Spec(c.maxPositionEmbeddings(), width);
        var input = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), width, c.common().padTokenId().orElse(0)))
                .withPositions(or(c.sinusoidalPosEmbds(), false)
                        ? positions.startingAs(SinusoidalPositions.Layout.INTERLEAVED)
                        : positions)
                .withNorm(norm).withDropout(dropout);
        var attention = SelfAttention.Spec.of(width, c.nHeads(), headDim, new FullMask())
                .withDropout(or(c.attentionDropout(), 0.1));
        var feedForward = new Mlp.Spec(width, c.hiddenDim(), activation).withChunk(c.common().feedForwardChunk());
        var block = Block.Spec.of(norm, Block.NormOrder.POST, attention, feedForward).withDropout(dropout);
        var languageModel = LanguageModelHead.Spec
                .of(c.vocabSize(), width, c.common().tieWordEmbeddings(), LanguageModelHead.Target.SAME)
                .withTransform(new LanguageModelHead.Transform(activation, norm))
                .withBias(LanguageModelHead.Bias.TRAINED);
        var first = SequenceSummary.Spec.first(width, Activation.RELU).withDropout(0, or(c.seqClassifDropout(), 0.2));
        var heads = EncoderHeads.of("distilbert", c.common(), languageModel, dropout)
                .withSummaries(new EncoderHeads.Summaries(Optional.empty(), first, first))
                .withAnswerDropout(or(c.qaDropout(), 0.1));
        double range = or(c.initializerRange(), 0.02);
        return new SingleStackModel.Spec(
                Stack.Spec.of(input, Collections.nCopies(c.nLayers(), block)), heads.of(task),
                new Initialization.Normal(range, range));
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String tokens = "body.input.tokens.weight";
        String layer = "distilbert.transformer.layer.{}.";
        String self = layer + "attention.";
        String block = "body.blocks.{}.";
        var map = WeightMap.builder()
                .prefix("distilbert.")
                .map("distilbert.embeddings.word_embeddings.weight", tokens)
                .map("distilbert.embeddings.position_embeddings.weight", "body.input.positions.weight")
                .module("distilbert.embeddings.LayerNorm", "body.input.norm")
                .ignored("distilbert.embeddings.position_ids")
                .stacked(List.of(self + "q_lin", self + "k_lin", self + "v_lin"), block + "attention.qkv")
                .module(self + "out_lin", block + "attention.out")
                .module(layer + "sa_layer_norm", block + "attentionNorm")
                .module(layer + "ffn.lin1", block + "feedForward.in")
                .module(layer + "ffn.lin2", block + "feedForward.out")
                .module(layer + "output_layer_norm", block + "feedForwardNorm")
                .module("vocab_transform", "head.dense")
                .module("vocab_layer_norm", "head.norm")
                .map("vocab_projector.bias", "head.bias")
                .module("pre_classifier", "head.summary.dense")
                .module("classifier", task == Task.TOKEN_CLASSIFICATION ? "head.tokenClassifier" : "head.classifier")
                .module("qa_outputs", "head.span");
        var tied = c.common().tieWordEmbeddings()
                ? map.tied("vocab_projector.weight", tokens)
                : map.map("vocab_projector.weight", "head.weight");
        return task == Task.BASE ? tied.build().withoutPrefix() : tied.build();
    }

    @Override
    public List<GgufForm<Config>> gguf() {
        return List.of(BertGguf.distilBert());
    }
}
