package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAlias;
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
import org.jformers.model.Task;
import org.jformers.model.head.BeamQuestionAnsweringHead;
import org.jformers.model.head.EncoderHeads;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.SequenceClassificationHead;
import org.jformers.model.head.SequenceSummary;
import org.jformers.model.kind.AskingToken;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalWithPaddingMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.position.SinusoidalPositions;
import org.jformers.nn.stack.ClearedInput;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.LanguageInput;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * XLM: an encoder of texts in several languages, or a decoder of them.
 *
 * <p>Reference: arXiv:1901.07291; transformers 5.18 {@code models/xlm}.
 *
 * <p>Differences from BERT: a vector for the language of each token in place of segments, which may still be given as
 * ids of tokens; padding is zero behind the entrance and each layer; positions may start as sinusoids; the config says
 * how a sequence is summed up; answers may be searched by span. A text is continued by a mask token at its end.
 */
public final class Xlm implements ModelFamily<Xlm.Config> {
    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            @JsonAlias("n_words") int vocabSize, int embDim, int nLayers, int nHeads, int maxPositionEmbeddings,
            @Nullable Double dropout, @Nullable Double attentionDropout, @Nullable Boolean geluActivation,
            @Nullable Boolean sinusoidalEmbeddings, @Nullable Boolean causal, @Nullable Boolean asm,
            @Nullable Integer nLangs, @Nullable Boolean useLangEmb, @Nullable Double embedInitStd,
            @Nullable Double initStd, @Nullable Double layerNormEps, @Nullable Boolean isEncoder,
            @Nullable String summaryType, @Nullable Boolean summaryUseProj, @Nullable String summaryActivation,
            @Nullable Boolean summaryProjToLabels, @Nullable Double summaryFirstDropout,
            @Nullable Double summaryLastDropout, @JsonProperty("start_n_top") @Nullable Integer startTop,
            @JsonProperty("end_n_top") @Nullable Integer endTop, @Nullable Integer padIndex, @Nullable Integer langId,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config, SummaryKeys {

        /** Whether languages have vectors. */
        boolean tellsLanguages() {
            return or(useLangEmb, true) && or(nLangs, 1) > 1;
        }
    }

    @Override
    public String modelType() {
        return "xlm";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "XLMModel", Task.BASE, "XLMWithLMHeadModel", Task.MASKED_LM,
                "XLMForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "XLMForMultipleChoice", Task.MULTIPLE_CHOICE, "XLMForTokenClassification", Task.TOKEN_CLASSIFICATION,
                "XLMForQuestionAnsweringSimple", Task.QUESTION_ANSWERING,
                "XLMForQuestionAnswering", Task.QUESTION_ANSWERING_BEAM);
    }

    @Override
    public SingleStackModel.Spec spec(Config c, Task task) {
        requireSupported("asm", or(c.asm(), false), false);
        requireSupported("is_encoder", or(c.isEncoder(), true), true);
        double deviation = or(c.initStd(), 0.02);
        double tables = or(c.embedInitStd(), Math.pow(2048, -0.5));
        // Some configs have no mask token; the reference then asks with the first one of the vocabulary.
        int mask = c.other().get("mask_token_id") instanceof Number id ? id.intValue() : 0;
        var initialization = new Initialization.Normal(deviation, deviation, tables);
        return new SingleStackModel.Spec(body(c), head(c, task), initialization)
                .withAsking(new AskingToken(mask, Optional.of(or(c.langId(), 0))));
    }

    private static void requireSupported(String key, boolean got, boolean allowed) {
        if (got != allowed) {
            throw new ConfigException("xlm: got " + key + " " + got + ", allowed " + allowed);
        }
    }

    private static Stack.Spec body(Config c) {
        int width = c.embDim();
        int headDim = headDim("xlm", "emb_dim", width, "n_heads", c.nHeads());
        int padding = c.common().padTokenId().orElse(or(c.padIndex(), 2));
        double dropout = or(c.dropout(), 0.1);
        var norm = norm(c);
        var learned = new LearnedPositions.Spec(c.maxPositionEmbeddings(), width);
        var tokens = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), width, padding))
                .withPositions(or(c.sinusoidalEmbeddings(), false)
                        ? learned.startingAs(SinusoidalPositions.Layout.INTERLEAVED)
                        : learned)
                .withSegments(new InputEmbedding.Segments.TokenTable());
        var languages = c.tellsLanguages()
                ? Optional.of(new Embedding.Spec(or(c.nLangs(), 1), width, -1))
                : Optional.<Embedding.Spec>empty();
        var attention = SelfAttention.Spec
                .of(width, c.nHeads(), headDim, or(c.causal(), false) ? new CausalWithPaddingMask() : new FullMask())
                .withDropout(or(c.attentionDropout(), 0.1));
        var activation = or(c.geluActivation(), true) ? Activation.GELU : Activation.RELU;
        var feedForward = new Mlp.Spec(width, 4 * width, activation).withChunk(c.common().feedForwardChunk());
        var block = Block.Spec.of(norm, Block.NormOrder.POST, attention, feedForward).withDropout(dropout);
        return Stack.Spec.of(
                new ClearedInput.Spec(new LanguageInput.Spec(tokens, languages, padding), norm, dropout),
                Stack.Layers.of(Collections.nCopies(c.nLayers(), block)).withPadding(Stack.Padding.CLEARED));
    }

    private static LayerNorm.Spec norm(Config c) {
        return new LayerNorm.Spec(c.embDim(), or(c.layerNormEps(), 1e-12));
    }

    private static Head.Spec head(Config c, Task task) {
        int width = c.embDim();
        int classes = c.common().labels().size();
        SequenceSummary.Spec summary = c.summary(width, classes, "first");
        if (List.of(Task.SEQUENCE_CLASSIFICATION, Task.MULTIPLE_CHOICE).contains(task) && summary.out() != classes) {
            throw new ConfigException("xlm: got a summary of width " + summary.out() + ", allowed one of the number of"
                    + " labels (" + classes + "), by summary_use_proj and summary_proj_to_labels");
        }
        var languageModel = LanguageModelHead.Spec
                .of(c.vocabSize(), width, c.common().tieWordEmbeddings(), LanguageModelHead.Target.SAME)
                .withBias(LanguageModelHead.Bias.TRAINED);
        return switch (task) {
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    width, classes, new SequenceClassificationHead.Summary.MappedToScores(summary), true, 0,
                    c.common().problemType());
            case QUESTION_ANSWERING_BEAM -> new BeamQuestionAnsweringHead.Spec(
                    width, norm(c).epsilon(), or(c.startTop(), 5), or(c.endTop(), 5));
            default -> EncoderHeads.of("xlm", c.common(), languageModel, or(c.dropout(), 0.1))
                    .withSummaries(new EncoderHeads.Summaries(Optional.empty(), summary, summary)).of(task);
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String entrance = "body.input.inner.";
        String tokens = entrance + "inner.tokens.weight";
        String from = "transformer.attentions.{}.";
        String block = "body.blocks.{}.";
        String qa = "qa_outputs.";
        var map = WeightMap.builder()
                .prefix("transformer.")
                .map("transformer.embeddings.weight", tokens)
                .map("transformer.position_embeddings.weight", entrance + "inner.positions.weight")
                .map("transformer.lang_embeddings.weight", entrance + "languages.weight")
                .module("transformer.layer_norm_emb", "body.input.norm")
                .stacked(List.of(from + "q_lin", from + "k_lin", from + "v_lin"), block + "attention.qkv")
                .module(from + "out_lin", block + "attention.out")
                .module("transformer.layer_norm1.{}", block + "attentionNorm")
                .module("transformer.ffns.{}.lin1", block + "feedForward.in")
                .module("transformer.ffns.{}.lin2", block + "feedForward.out")
                .module("transformer.layer_norm2.{}", block + "feedForwardNorm")
                .map("pred_layer.proj.bias", "head.bias")
                .module("sequence_summary.summary", "head.summary.dense").module("logits_proj", "head.classifier")
                .module("classifier", "head.tokenClassifier").module("qa_outputs", "head.span")
                .module(qa + "start_logits.dense", "head.start")
                .module(qa + "end_logits.dense_0", "head.endDense").module(qa + "end_logits.LayerNorm", "head.endNorm")
                .module(qa + "end_logits.dense_1", "head.end").module(qa + "answer_class.dense_0", "head.answerDense")
                .map(qa + "answer_class.dense_1.weight", "head.answer.weight")
                .ignored("transformer.position_ids");
        var tied = c.common().tieWordEmbeddings()
                ? map.tied("pred_layer.proj.weight", tokens)
                : map.map("pred_layer.proj.weight", "head.weight");
        return task == Task.BASE ? tied.build().withoutPrefix() : tied.build();
    }
}
