package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.annotation.JsonProperty;
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
import org.jformers.model.head.BeamQuestionAnsweringHead;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.model.head.MultipleChoiceHead;
import org.jformers.model.head.QuestionAnsweringHead;
import org.jformers.model.head.SequenceClassificationHead;
import org.jformers.model.head.SequenceSummary;
import org.jformers.model.head.TokenClassificationHead;
import org.jformers.model.kind.SegmentModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.RelativeAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.RelativeWaves;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.SegmentMemory;
import org.jformers.nn.stack.SegmentSight;
import org.jformers.nn.stack.SegmentStack;
import org.jspecify.annotations.Nullable;

/**
 * XLNet: Transformer-XL that predicts tokens in any order, by a second stream that does not see what it predicts.
 *
 * <p>Reference: arXiv:1906.08237; transformers 5.18 {@code models/xlnet}.
 *
 * <p>Differences from Transformer-XL: two streams, both sides seen, a score for segments of the text, one token table,
 * no memory before the first segment.
 */
public final class XlNet implements ModelFamily<XlNet.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize, int dModel, int nLayer, int nHead, int dInner, @Nullable Integer dHead,
            @Nullable String ffActivation, @Nullable String attnType, @Nullable Double initializerRange,
            @Nullable Double layerNormEps, @Nullable Double dropout, @Nullable Integer memLen,
            @Nullable Integer reuseLen, @Nullable Boolean biData, @Nullable Integer clampLen,
            @Nullable Boolean sameLength, @Nullable String summaryType, @Nullable Boolean summaryUseProj,
            @Nullable String summaryActivation, @Nullable Double summaryFirstDropout,
            @Nullable Double summaryLastDropout, @JsonProperty("start_n_top") @Nullable Integer startTop,
            @JsonProperty("end_n_top") @Nullable Integer endTop,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other) implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "xlnet";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "XLNetModel", Task.BASE,
                "XLNetLMHeadModel", Task.CAUSAL_LM,
                "XLNetForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "XLNetForTokenClassification", Task.TOKEN_CLASSIFICATION,
                "XLNetForMultipleChoice", Task.MULTIPLE_CHOICE,
                "XLNetForQuestionAnsweringSimple", Task.QUESTION_ANSWERING,
                "XLNetForQuestionAnswering", Task.QUESTION_ANSWERING_BEAM);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        int width = c.dModel();
        int headDim = headDim("xlnet", "d_model", width, "n_head", c.nHead());
        if (or(c.dHead(), headDim) != headDim) {
            throw new ConfigException("xlnet: got d_head " + c.dHead() + ", allowed d_model / n_head = " + headDim);
        }
        double dropout = or(c.dropout(), 0.1);
        var attention = new RelativeAttention.Spec(width, c.nHead(), headDim, RelativeAttention.Biases.OWN,
                RelativeAttention.Segments.SAME_OR_OTHER, dropout);
        var feedForward = new Mlp.Spec(width, c.dInner(), Activation.named(or(c.ffActivation(), "gelu")))
                .withDropout(dropout).withChunk(c.common().feedForwardChunk());
        var norm = new LayerNorm.Spec(width, or(c.layerNormEps(), 1e-12));
        var block = Block.Spec.of(norm, Block.NormOrder.POST, attention, feedForward).withDropout(dropout);
        var waves = new RelativeWaves.Spec(width, positive(c.clampLen()),
                or(c.biData(), false) ? RelativeWaves.Direction.BOTH : RelativeWaves.Direction.FORWARD,
                RelativeWaves.Stored.NO);
        var body = new SegmentStack.Spec(
                InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), width, -1)).withDropout(dropout),
                Collections.nCopies(c.nLayer(), block), waves, sight(c),
                new SegmentMemory(positive(c.memLen()), positive(c.reuseLen()), SegmentMemory.Start.NOTHING),
                SegmentStack.Streams.CONTENT_AND_QUERY, dropout);
        double range = or(c.initializerRange(), 0.02);
        return new SegmentModel.Spec(body, head(c, task), new Initialization.Normal(range, range));
    }

    /** A length; empty where the config says none by null, 0 or -1. */
    private static Optional<Integer> positive(@Nullable Integer length) {
        return Optional.ofNullable(length).filter(value -> value > 0);
    }

    private static SegmentSight sight(Config c) {
        boolean same = or(c.sameLength(), false);
        return switch (or(c.attnType(), "bi")) {
            case "bi" -> new SegmentSight.Both();
            case "uni" -> new SegmentSight.Past(same ? new SegmentSight.Reach.Memory() : new SegmentSight.Reach.All());
            default -> throw new ConfigException("xlnet: got attn_type " + c.attnType() + ", allowed bi, uni");
        };
    }

    private static Head.Spec head(Config c, Task task) {
        int width = c.dModel();
        int classes = c.common().labels().size();
        var summary = SequenceSummary.Spec.of(width, SequenceSummary.Pick.named(or(c.summaryType(), "last")))
                .withDense(
                        Optional.of(new SequenceSummary.Dense(width, true)).filter(map -> or(c.summaryUseProj(), true)),
                        Activation.named(or(c.summaryActivation(), "tanh")))
                .withDropout(or(c.summaryFirstDropout(), 0.0), or(c.summaryLastDropout(), 0.1));
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case CAUSAL_LM -> LanguageModelHead.Spec.of(
                            c.vocabSize(), width, c.common().tieWordEmbeddings(), LanguageModelHead.Target.SAME)
                    .withBias(LanguageModelHead.Bias.TRAINED);
            case SEQUENCE_CLASSIFICATION -> new SequenceClassificationHead.Spec(
                    width, classes, new SequenceClassificationHead.Summary.Mapped(summary), true, 0,
                    c.common().problemType());
            case TOKEN_CLASSIFICATION -> new TokenClassificationHead.Spec(width, classes, 0);
            case MULTIPLE_CHOICE -> new MultipleChoiceHead.Spec(summary);
            case QUESTION_ANSWERING -> new QuestionAnsweringHead.Spec(width);
            case QUESTION_ANSWERING_BEAM -> new BeamQuestionAnsweringHead.Spec(
                    width, or(c.layerNormEps(), 1e-12), or(c.startTop(), 5), or(c.endTop(), 5));
            default -> throw new ConfigException("xlnet: got task " + task + ", which has no head");
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        String tokens = "body.input.tokens.weight";
        String layer = "transformer.layer.{}.";
        String from = layer + "rel_attn.";
        String block = "body.blocks.{}.";
        String to = block + "attention.";
        int heads = c.nHead();
        var map = WeightMap.builder()
                .prefix("transformer.")
                .map("transformer.word_embedding.weight", tokens)
                .map("transformer.mask_emb", "body.hiddenToken")
                .headRows(from + "q", heads, to + "q.weight").headRows(from + "k", heads, to + "k.weight")
                .headRows(from + "v", heads, to + "v.weight").headRows(from + "r", heads, to + "r.weight")
                .headColumns(from + "o", heads, to + "out.weight")
                .map(from + "r_w_bias", to + "contentBias").map(from + "r_r_bias", to + "positionBias")
                .map(from + "r_s_bias", to + "segmentBias").map(from + "seg_embed", to + "segmentKeys")
                .module(from + "layer_norm", block + "attentionNorm")
                .module(layer + "ff.layer_1", block + "feedForward.in")
                .module(layer + "ff.layer_2", block + "feedForward.out")
                .module(layer + "ff.layer_norm", block + "feedForwardNorm")
                .map("lm_loss.bias", "head.bias")
                .module("sequence_summary.summary", "head.summary.dense")
                .module("logits_proj", "head.classifier").module("classifier", "head.tokenClassifier")
                .module("qa_outputs", "head.span").module("start_logits.dense", "head.start")
                .module("end_logits.dense_0", "head.endDense").module("end_logits.LayerNorm", "head.endNorm")
                .module("end_logits.dense_1", "head.end").module("answer_class.dense_0", "head.answerDense")
                .map("answer_class.dense_1.weight", "head.answer.weight");
        boolean tied = c.common().tieWordEmbeddings();
        var all = (tied ? map.tied("lm_loss.weight", tokens) : map.map("lm_loss.weight", "head.weight")).build();
        return task == Task.BASE ? all.withoutPrefix() : all;
    }
}
