package org.jformers.model.family;

import static org.jformers.model.Defaults.headDim;
import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import org.jformers.model.head.SoftLabelClassificationHead;
import org.jformers.model.head.TokenClassificationHead;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.DisentangledAttention;
import org.jformers.nn.attention.DisentangledAttention.Distances;
import org.jformers.nn.attention.DisentangledAttention.Term;
import org.jformers.nn.block.Block;
import org.jformers.nn.block.ConvolutionBranch;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.MutualMask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.position.RelativeTable;
import org.jformers.nn.stack.ClearedInput;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * DeBERTa v2 and v3: an encoder whose attention scores content and distance apart.
 *
 * <p>Reference: arXiv:2006.03654, arXiv:2111.09543; transformers 5.18 {@code models/deberta_v2}.
 *
 * <p>Differences from BERT: a table of distances that all layers read; positions and segments only where the config
 * asks; padding enters as zero and sees nothing; a convolution beside the first layer; another pooler.
 */
public final class DebertaV2 implements ModelFamily<DebertaV2.Config> {
    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize, int hiddenSize, int numHiddenLayers, int numAttentionHeads, int intermediateSize,
            @Nullable Integer embeddingSize, @Nullable Integer attentionHeadSize, @Nullable String hiddenAct,
            @Nullable Double hiddenDropoutProb, @Nullable Double attentionProbsDropoutProb,
            @Nullable Integer maxPositionEmbeddings, @Nullable Integer typeVocabSize, @Nullable Double initializerRange,
            @Nullable Double layerNormEps, @Nullable Boolean relativeAttention, @Nullable Integer maxRelativePositions,
            @Nullable Integer positionBuckets, @Nullable String normRelEbd, @Nullable Boolean shareAttKey,
            @Nullable Object posAttType, @Nullable Boolean positionBiasedInput, @Nullable Integer convKernelSize,
            @Nullable Integer convGroups, @Nullable String convAct, @Nullable Integer poolerHiddenSize,
            @Nullable String poolerHiddenAct, @Nullable Double poolerDropout, @Nullable Double clsDropout,
            @Nullable Boolean legacy,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other) implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "deberta-v2";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "DebertaV2Model", Task.BASE, "DebertaV2ForMaskedLM", Task.MASKED_LM,
                "DebertaV2ForSequenceClassification", Task.SEQUENCE_CLASSIFICATION,
                "DebertaV2ForTokenClassification", Task.TOKEN_CLASSIFICATION,
                "DebertaV2ForQuestionAnswering", Task.QUESTION_ANSWERING,
                "DebertaV2ForMultipleChoice", Task.MULTIPLE_CHOICE);
    }

    @Override
    public SingleStackModel.Spec spec(Config c, Task task) {
        int width = c.hiddenSize();
        int headDim = headDim("deberta-v2", "hidden_size", width, "num_attention_heads", c.numAttentionHeads());
        same("attention_head_size", or(c.attentionHeadSize(), headDim), headDim);
        same("pooler_hidden_size", or(c.poolerHiddenSize(), width), width);
        double dropout = dropout(c);
        int narrow = or(c.embeddingSize(), width);
        int padding = c.common().padTokenId().orElse(0);
        var tokens = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), narrow, padding));
        var rows = new LearnedPositions.Spec(or(c.maxPositionEmbeddings(), 512), narrow);
        var placed = or(c.positionBiasedInput(), true) ? tokens.withPositions(rows) : tokens;
        var input = or(c.typeVocabSize(), 0) > 0
                ? placed.withSegments(new Embedding.Spec(or(c.typeVocabSize(), 0), narrow, -1))
                : placed.withSegments(new InputEmbedding.Segments.Nowhere());
        var feedForward = new Mlp.Spec(width, c.intermediateSize(), activation(c.hiddenAct()));
        var block = Block.Spec.of(norm(c, width), Block.NormOrder.POST, attention(c), feedForward).withDropout(dropout);
        List<Block.Spec> blocks = new ArrayList<>(Collections.nCopies(c.numHiddenLayers(), block));
        if (or(c.convKernelSize(), 0) > 0) {
            blocks.set(0, block.withConvolution(new ConvolutionBranch.Spec(or(c.convKernelSize(), 0),
                    or(c.convGroups(), 1), Activation.named(or(c.convAct(), "tanh")), norm(c, width), dropout)));
        }
        double range = or(c.initializerRange(), 0.02);
        return new SingleStackModel.Spec(Stack.Spec.of(new ClearedInput.Spec(input, norm(c, width), dropout), blocks),
                head(c, task), new Initialization.Normal(range, range));
    }

    private static void same(String key, int got, int allowed) {
        if (got != allowed) {
            throw new ConfigException("deberta-v2: got " + key + " " + got + ", allowed " + allowed);
        }
    }

    private static LayerNorm.Spec norm(Config c, int width) {
        return new LayerNorm.Spec(width, or(c.layerNormEps(), 1e-7));
    }

    private static Activation activation(@Nullable String name) {
        return Activation.named(or(name, "gelu"));
    }

    private static double dropout(Config c) {
        return or(c.hiddenDropoutProb(), 0.1);
    }

    private static DisentangledAttention.Spec attention(Config c) {
        int said = or(c.maxRelativePositions(), -1);
        boolean normed = Arrays.asList(or(c.normRelEbd(), "none").toLowerCase(Locale.ROOT).split("[|\\s]+"))
                .contains("layer_norm");
        var table = new RelativeTable.Spec(c.hiddenSize(), said < 1 ? or(c.maxPositionEmbeddings(), 512) : said,
                Optional.ofNullable(c.positionBuckets()).filter(buckets -> buckets > 0),
                normed ? Optional.of(norm(c, c.hiddenSize())) : Optional.empty());
        return new DisentangledAttention.Spec(c.hiddenSize(), c.numAttentionHeads(), new MutualMask(),
                or(c.relativeAttention(), false) ? Optional.of(table) : Optional.empty(), terms(c),
                or(c.shareAttKey(), false) ? Distances.SHARED_MAPS : Distances.OWN_MAPS,
                or(c.attentionProbsDropoutProb(), 0.1), dropout(c));
    }

    /** A list, or one text with bars between; names that mean nothing here change nothing, as in the reference. */
    private static Set<Term> terms(Config c) {
        Object names = or(c.posAttType(), List.of());
        List<?> list = names instanceof List<?> given ? given : Arrays.asList(names.toString().split("[|\\s]+"));
        if (names instanceof Map) {
            throw new ConfigException("deberta-v2: got pos_att_type " + names + ", allowed a list or c2p|p2c");
        }
        Set<Term> terms = EnumSet.allOf(Term.class);
        terms.removeIf(term -> list.stream().noneMatch(name -> term.code().equalsIgnoreCase(name.toString())));
        return terms;
    }

    private static Head.Spec head(Config c, Task task) {
        int width = c.hiddenSize();
        int classes = c.common().labels().size();
        double last = or(c.clsDropout(), dropout(c));
        int inner = or(c.legacy(), true) ? or(c.embeddingSize(), width) : width;
        var summary = SequenceSummary.Spec.of(width, SequenceSummary.Pick.FIRST)
                .withDense(Optional.of(new SequenceSummary.Dense(width, true)), activation(c.poolerHiddenAct()))
                .withDropout(or(c.poolerDropout(), 0.0), 0);
        var sequence = new SequenceClassificationHead.Spec(width, classes,
                new SequenceClassificationHead.Summary.Mapped(summary), true, last, c.common().problemType());
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            case MASKED_LM -> LanguageModelHead.Spec.of(c.vocabSize(), width, tied(c), LanguageModelHead.Target.SAME)
                    .withTransform(new LanguageModelHead.Transform(activation(c.hiddenAct()), norm(c, inner)))
                    .withBias(LanguageModelHead.Bias.TRAINED);
            case SEQUENCE_CLASSIFICATION ->
                    c.common().problemType().isPresent() ? sequence : new SoftLabelClassificationHead.Spec(sequence);
            case TOKEN_CLASSIFICATION -> new TokenClassificationHead.Spec(width, classes, dropout(c));
            case QUESTION_ANSWERING -> new QuestionAnsweringHead.Spec(width);
            case MULTIPLE_CHOICE -> new MultipleChoiceHead.Spec(summary.withDropout(or(c.poolerDropout(), 0.0), last));
            default -> throw new ConfigException("deberta-v2: got task " + task + ", which has no head");
        };
    }

    /** The newer head for hidden tokens always reads the token table. */
    static boolean tied(Config c) {
        return !or(c.legacy(), true) || c.common().ties("cls.predictions.decoder.weight");
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        return DebertaV2Weights.map(c, task);
    }
}
