package org.jformers.model.family;

import static org.jformers.model.family.BertLayers.activation;
import static org.jformers.model.family.BertLayers.norm;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.GgufForm;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.head.EncoderHeads;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.NextSentenceHead;
import org.jformers.model.head.PretrainingHead;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.position.PositionRule;
import org.jspecify.annotations.Nullable;

/**
 * BERT: an encoder with post-norm blocks, learned positions, segments, erf GELU and a pooled first token.
 *
 * <p>Reference: arXiv:1810.04805; transformers 5.18 {@code models/bert}. With {@code is_decoder} the same stack is
 * causal and may read an encoder.
 */
public final class Bert implements ModelFamily<Bert.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
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
            @Nullable String positionEmbeddingType,
            @Nullable Boolean isDecoder,
            @Nullable Boolean addCrossAttention,
            @Nullable Double classifierDropout,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements BertLayers.Keys {}

    @Override
    public String modelType() {
        return "bert";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "BertModel", Task.BASE,
                "BertForPreTraining", Task.PRETRAINING,
                "BertForMaskedLM", Task.MASKED_LM,
                "BertLMHeadModel", Task.CAUSAL_LM,
                "BertForNextSentencePrediction", Task.NEXT_SENTENCE,
                "BertForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "BertForMultipleChoice", Task.MULTIPLE_CHOICE,
                "BertForTokenClassification", Task.TOKEN_CLASSIFICATION,
                "BertForQuestionAnswering", Task.QUESTION_ANSWERING);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        return new SingleStackModel.Spec(
                BertLayers.body(
                        "bert", c, c.common().padTokenId().orElse(0),
                        new LearnedPositions.Spec(c.maxPositionEmbeddings(), c.hiddenSize()), PositionRule.FROM_ZERO),
                head(c, task), BertLayers.initialization(c));
    }

    private static Head.Spec head(Config c, Task task) {
        int width = c.hiddenSize();
        var languageModel = BertLayers.scores(c.common(), c.vocabSize(), width, "cls.predictions.")
                .withTransform(new LanguageModelHead.Transform(activation(c), norm(c, width)));
        return switch (task) {
            case PRETRAINING -> new PretrainingHead.Spec(
                    languageModel, PretrainingHead.Relation.NEXT_SENTENCE, 2, 0);
            case NEXT_SENTENCE -> new NextSentenceHead.Spec(width);
            default -> EncoderHeads.of("bert", c.common(), languageModel, BertLayers.classifierDropout(c)).of(task);
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String head = task == Task.PRETRAINING ? "head.languageModel." : "head.";
        var map = BertLayers.weights("bert.")
                .module("bert.pooler.dense", "head.summary.dense")
                .module("cls.predictions.transform.dense", head + "dense")
                .module("cls.predictions.transform.LayerNorm", head + "norm")
                .module(task == Task.NEXT_SENTENCE ? "cls.seq_relationship" : "classifier",
                        task == Task.TOKEN_CLASSIFICATION ? "head.tokenClassifier" : "head.classifier")
                .module("cls.seq_relationship", "head.relation")
                .module("qa_outputs", "head.span");
        BertLayers.output(map, c.common(), "cls.predictions.", head);
        return task == Task.BASE ? map.build().withoutPrefix() : map.build();
    }

    @Override
    public List<GgufForm<Config>> gguf() {
        return List.of(BertGguf.bert());
    }
}
