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
import org.jformers.model.head.MultipleChoiceHead;
import org.jformers.model.head.NextSentenceHead;
import org.jformers.model.head.PretrainingHead;
import org.jformers.model.head.QuestionAnsweringHead;
import org.jformers.model.head.SequenceClassificationHead;
import org.jformers.model.head.TokenClassificationHead;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.Stack;

/**
 * BERT: an encoder with post-norm blocks, learned positions, segments, erf GELU and a pooled first token.
 *
 * <p>Reference: arXiv:1810.04805; transformers 5.18 {@code models/bert}. With {@code is_decoder} the same stack is causal
 * and may read an encoder.
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
            String hiddenAct,
            Double hiddenDropoutProb,
            Double attentionProbsDropoutProb,
            int maxPositionEmbeddings,
            Integer typeVocabSize,
            Double initializerRange,
            Double layerNormEps,
            String positionEmbeddingType,
            Boolean isDecoder,
            Boolean addCrossAttention,
            Double classifierDropout,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {}

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
        int width = c.hiddenSize();
        int headDim = headDim("bert", "hidden_size", width, "num_attention_heads", c.numAttentionHeads());
        String positions = or(c.positionEmbeddingType(), "absolute");
        if (!positions.equals("absolute")) {
            throw new ConfigException("bert: got position_embedding_type " + positions + ", allowed absolute");
        }
        double dropout = or(c.hiddenDropoutProb(), 0.1);
        Activation activation = Activation.named(or(c.hiddenAct(), "gelu"));
        var norm = new LayerNorm.Spec(width, or(c.layerNormEps(), 1e-12));
        var input = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), width, c.common().padTokenId().orElse(0)))
                .withPositions(new LearnedPositions.Spec(c.maxPositionEmbeddings(), width))
                .withSegments(new Embedding.Spec(or(c.typeVocabSize(), 2), width, -1))
                .withNorm(norm).withDropout(dropout);
        var feedForward = new Mlp.Spec(width, c.intermediateSize(), activation);
        var block = Block.Spec.of(norm, Block.NormOrder.POST, attention(c, headDim), feedForward)
                .withCrossAttention(crossAttention(c, headDim)).withDropout(dropout);
        var body = Stack.Spec.of(input, Collections.nCopies(c.numHiddenLayers(), block));
        double range = or(c.initializerRange(), 0.02);
        return new ModelSpec.SingleStack(body, head(c, task, norm, activation), new Initialization.Normal(range, range));
    }

    private static SelfAttention.Spec attention(Config c, int headDim) {
        Mask mask = or(c.isDecoder(), false) ? new CausalMask() : new FullMask();
        return SelfAttention.Spec.of(c.hiddenSize(), c.numAttentionHeads(), headDim, mask)
                .withDropout(or(c.attentionProbsDropoutProb(), 0.1));
    }

    private static Optional<CrossAttention.Spec> crossAttention(Config c, int headDim) {
        return or(c.addCrossAttention(), false)
                ? Optional.of(CrossAttention.Spec.of(c.hiddenSize(), c.numAttentionHeads(), headDim)
                        .withDropout(or(c.attentionProbsDropoutProb(), 0.1)))
                : Optional.empty();
    }

    private static Head.Spec head(Config c, Task task, LayerNorm.Spec norm, Activation activation) {
        int width = c.hiddenSize();
        int classes = c.common().labels().size();
        double dropout = or(c.classifierDropout(), or(c.hiddenDropoutProb(), 0.1));
        var target = task == Task.CAUSAL_LM ? LanguageModelHead.Target.NEXT : LanguageModelHead.Target.SAME;
        var languageModel = LanguageModelHead.Spec.of(c.vocabSize(), width, c.common().tieWordEmbeddings(), target)
                .withTransform(new LanguageModelHead.Transform(activation, norm))
                .withBias(LanguageModelHead.Bias.TRAINED);
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.of(width));
            case MASKED_LM, CAUSAL_LM -> languageModel;
            case PRETRAINING -> new PretrainingHead.Spec(languageModel);
            case NEXT_SENTENCE -> new NextSentenceHead.Spec(width);
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    width, classes, new SequenceClassificationHead.Summary.PooledFirst(), true, dropout,
                    c.common().problemType());
            case TOKEN_CLASSIFICATION -> new TokenClassificationHead.Spec(width, classes, dropout);
            case QUESTION_ANSWERING -> new QuestionAnsweringHead.Spec(width);
            case MULTIPLE_CHOICE -> new MultipleChoiceHead.Spec(width, dropout);
            default -> throw new ConfigException("bert: got task " + task + ", which has no head");
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String head = task == Task.PRETRAINING ? "head.languageModel." : "head.";
        String tokens = "body.input.tokens.weight";
        String layer = "bert.encoder.layer.{}.";
        String self = layer + "attention.";
        String cross = layer + "crossattention.";
        String block = "body.blocks.{}.";
        boolean relation = task == Task.PRETRAINING || task == Task.NEXT_SENTENCE;
        var map = WeightMap.builder()
                .prefix("bert.")
                .map("bert.embeddings.word_embeddings.weight", tokens)
                .map("bert.embeddings.position_embeddings.weight", "body.input.positions.weight")
                .map("bert.embeddings.token_type_embeddings.weight", "body.input.segments.weight")
                .module("bert.embeddings.LayerNorm", "body.input.norm")
                .stacked(List.of(self + "self.query", self + "self.key", self + "self.value"), block + "attention.qkv")
                .module(self + "output.dense", block + "attention.out")
                .module(self + "output.LayerNorm", block + "attentionNorm")
                .module(cross + "self.query", block + "crossAttention.q")
                .stacked(List.of(cross + "self.key", cross + "self.value"), block + "crossAttention.kv")
                .module(cross + "output.dense", block + "crossAttention.out")
                .module(cross + "output.LayerNorm", block + "crossAttentionNorm")
                .module(layer + "intermediate.dense", block + "feedForward.in")
                .module(layer + "output.dense", block + "feedForward.out")
                .module(layer + "output.LayerNorm", block + "feedForwardNorm")
                .module("bert.pooler.dense", "head.pooler.dense")
                .module("cls.predictions.transform.dense", head + "dense")
                .module("cls.predictions.transform.LayerNorm", head + "norm")
                .map("cls.predictions.bias", head + "bias")
                .module(relation ? "cls.seq_relationship" : "classifier", "head." + classifier(task))
                .module("qa_outputs", "head.span")
                .ignored("bert.embeddings.position_ids")
                .ignored("cls.predictions.decoder.bias");
        var tied = c.common().tieWordEmbeddings()
                ? map.tied("cls.predictions.decoder.weight", tokens)
                : map.map("cls.predictions.decoder.weight", head + "weight");
        return task == Task.BASE ? tied.build().withoutPrefix() : tied.build();
    }

    private static String classifier(Task task) {
        String other = task == Task.TOKEN_CLASSIFICATION ? "tokenClassifier" : "classifier";
        return task == Task.PRETRAINING ? "nextSentence" : other;
    }
}
