package org.jformers.model.family;

import static org.jformers.model.Defaults.or;
import static org.jformers.model.family.BertLayers.activation;
import static org.jformers.model.family.BertLayers.norm;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;
import java.util.Optional;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.EncoderHeads;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.ReplacedTokenHead;
import org.jformers.model.head.SequenceSummary;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.position.PositionRule;
import org.jspecify.annotations.Nullable;

/**
 * ELECTRA: a discriminator that finds the tokens which a small generator replaced. Both are this family.
 *
 * <p>Reference: arXiv:2003.10555; transformers 5.18 {@code models/electra}.
 *
 * <p>Differences from BERT: token vectors may be narrower than the layers, then a linear map leads to them; no pooler;
 * the label of a sequence is read from the first token through GELU; a choice through a summary that the config
 * describes.
 */
public final class Electra implements ModelFamily<Electra.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            @Nullable Integer embeddingSize,
            int hiddenSize,
            int numHiddenLayers,
            int numAttentionHeads,
            int intermediateSize,
            @Nullable String hiddenAct,
            @Nullable Double hiddenDropoutProb,
            @Nullable Double attentionProbsDropoutProb,
            int maxPositionEmbeddings,
            @Nullable Integer typeVocabSize,
            @Nullable Double initializerRange,
            @Nullable Double layerNormEps,
            @Nullable String summaryType,
            @Nullable Boolean summaryUseProj,
            @Nullable String summaryActivation,
            @Nullable Double summaryFirstDropout,
            @Nullable Double summaryLastDropout,
            @Nullable String positionEmbeddingType,
            @Nullable Boolean isDecoder,
            @Nullable Boolean addCrossAttention,
            @Nullable Double classifierDropout,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements BertLayers.Keys {}

    @Override
    public String modelType() {
        return "electra";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "ElectraModel", Task.BASE,
                "ElectraForPreTraining", Task.REPLACED_TOKENS,
                "ElectraForMaskedLM", Task.MASKED_LM,
                "ElectraForCausalLM", Task.CAUSAL_LM,
                "ElectraForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "ElectraForMultipleChoice", Task.MULTIPLE_CHOICE,
                "ElectraForTokenClassification", Task.TOKEN_CLASSIFICATION,
                "ElectraForQuestionAnswering", Task.QUESTION_ANSWERING);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        return new SingleStackModel.Spec(
                BertLayers.body(
                        "electra", c, c.common().padTokenId().orElse(0),
                        new LearnedPositions.Spec(c.maxPositionEmbeddings(), narrow(c)), PositionRule.FROM_ZERO),
                head(c, task), BertLayers.initialization(c));
    }

    private static int narrow(Config c) {
        return or(c.embeddingSize(), 128);
    }

    private static Head.Spec head(Config c, Task task) {
        int width = c.hiddenSize();
        if (task == Task.REPLACED_TOKENS) {
            return new ReplacedTokenHead.Spec(width, activation(c));
        }
        var languageModel = LanguageModelHead.Spec
                .of(c.vocabSize(), width, c.common().tieWordEmbeddings(), LanguageModelHead.Target.SAME)
                .withTransform(new LanguageModelHead.Transform(Activation.GELU, norm(c, narrow(c))))
                .withBias(LanguageModelHead.Bias.TRAINED);
        double dropout = BertLayers.classifierDropout(c);
        return EncoderHeads.of("electra", c.common(), languageModel, dropout)
                .withSummaries(new EncoderHeads.Summaries(
                        Optional.empty(), SequenceSummary.Spec.first(width, Activation.GELU, dropout), summary(c)))
                .of(task);
    }

    private static SequenceSummary.Spec summary(Config c) {
        var dense = or(c.summaryUseProj(), true)
                ? Optional.of(new SequenceSummary.Dense(c.hiddenSize(), true))
                : Optional.<SequenceSummary.Dense>empty();
        return SequenceSummary.Spec.of(c.hiddenSize(), SequenceSummary.Pick.named(or(c.summaryType(), "first")))
                .withDense(dense, Activation.named(or(c.summaryActivation(), "gelu")))
                .withDropout(or(c.summaryFirstDropout(), 0.0), or(c.summaryLastDropout(), 0.1));
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        boolean sequence = task == Task.SEQUENCE_CLASSIFICATION;
        boolean discriminator = task == Task.REPLACED_TOKENS;
        var map = BertLayers.weights("electra.")
                .module("electra.embeddings_project", "body.input.projection")
                .module(discriminator ? "discriminator_predictions.dense" : "generator_predictions.dense", "head.dense")
                .module("discriminator_predictions.dense_prediction", "head.score")
                .module("generator_predictions.LayerNorm", "head.norm")
                .map("generator_lm_head.bias", "head.bias")
                .module(sequence ? "classifier.dense" : "sequence_summary.summary", "head.summary.dense")
                .module(sequence ? "classifier.out_proj" : "classifier",
                        task == Task.TOKEN_CLASSIFICATION ? "head.tokenClassifier" : "head.classifier")
                .module("qa_outputs", "head.span");
        var tied = c.common().tieWordEmbeddings()
                ? map.tied("generator_lm_head.weight", BertLayers.TOKENS)
                : map.map("generator_lm_head.weight", "head.weight");
        return task == Task.BASE ? tied.build().withoutPrefix() : tied.build();
    }
}
