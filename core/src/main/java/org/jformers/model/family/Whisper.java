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
import org.jformers.model.head.PooledClassificationHead;
import org.jformers.model.kind.DecoderStart;
import org.jformers.model.kind.Seq2SeqModel;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Activation;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.SpanMask;
import org.jformers.nn.attention.AttentionBias;
import org.jformers.nn.attention.CrossAttention;
import org.jformers.nn.attention.InputBias;
import org.jformers.nn.attention.SelfAttention;
import org.jformers.nn.block.Block;
import org.jformers.nn.feedforward.Mlp;
import org.jformers.nn.mask.CausalMask;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Mask;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.position.LearnedPositions;
import org.jformers.nn.stack.EncoderDecoder;
import org.jformers.nn.stack.InputEmbedding;
import org.jformers.nn.stack.SpectrogramEntrance;
import org.jformers.nn.stack.Stack;
import org.jspecify.annotations.Nullable;

/**
 * Whisper: writes down speech. An encoder of log-mel spectrograms with fixed positions, a decoder with learned ones,
 * pre-norm, keys without a bias, tied output layer.
 *
 * <p>Reference: arXiv:2212.04356; transformers 5.18 {@code models/whisper}.
 */
public final class Whisper implements ModelFamily<Whisper.Config> {
    /** Keys have none. */
    private static final AttentionBias BIAS = new AttentionBias(InputBias.QUERY_AND_VALUE, true);

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize,
            int numMelBins,
            int dModel,
            int encoderLayers,
            int encoderAttentionHeads,
            int encoderFfnDim,
            int decoderLayers,
            int decoderAttentionHeads,
            int decoderFfnDim,
            @Nullable Integer maxSourcePositions,
            @Nullable Integer maxTargetPositions,
            @Nullable String activationFunction,
            @Nullable Double dropout,
            @Nullable Double attentionDropout,
            @Nullable Double activationDropout,
            @Nullable Double encoderLayerdrop,
            @Nullable Double decoderLayerdrop,
            @Nullable Double initStd,
            @Nullable Integer decoderStartTokenId,
            @Nullable Boolean useWeightedLayerSum,
            @Nullable Integer classifierProjSize,
            @Nullable Boolean applySpecAugment,
            @Nullable Double maskTimeProb,
            @Nullable Integer maskTimeLength,
            @Nullable Integer maskTimeMinMasks,
            @Nullable Double maskFeatureProb,
            @Nullable Integer maskFeatureLength,
            @Nullable Integer maskFeatureMinMasks,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {

        int padding() {
            return common().padTokenId().orElse(50256);
        }
    }

    @Override
    public String modelType() {
        return "whisper";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of(
                "WhisperModel", Task.BASE,
                "WhisperForConditionalGeneration", Task.SEQ2SEQ_LM,
                "WhisperForCausalLM", Task.CAUSAL_LM,
                "WhisperForAudioClassification", Task.SEQUENCE_CLASSIFICATION);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        var initialization = new Initialization.Normal(or(c.initStd(), 0.02), or(c.initStd(), 0.02));
        return switch (task) {
            case CAUSAL_LM -> new SingleStackModel.Spec(decoder(c), head(c, task), initialization);
            case SEQUENCE_CLASSIFICATION -> new SingleStackModel.Spec(encoder(c, task), head(c, task), initialization);
            default -> new Seq2SeqModel.Spec(
                    new EncoderDecoder.Spec(encoder(c, task), decoder(c), EncoderDecoder.Tokens.SEPARATE),
                    head(c, task), initialization,
                    task == Task.BASE ? new DecoderStart.Given() : new DecoderStart.Shifted(
                            List.of("labels"), or(c.decoderStartTokenId(), 50257), c.padding()));
        };
    }

    private static Stack.Spec encoder(Config c, Task task) {
        // The classifier reads its features as they are.
        boolean hides = or(c.applySpecAugment(), false) && task != Task.SEQUENCE_CLASSIFICATION;
        var frames = new SpanMask(
                or(c.maskTimeProb(), 0.05), or(c.maskTimeLength(), 10), or(c.maskTimeMinMasks(), 2));
        var bands = new SpanMask(
                or(c.maskFeatureProb(), 0.0), or(c.maskFeatureLength(), 10), or(c.maskFeatureMinMasks(), 0));
        var input = new SpectrogramEntrance.Spec(
                c.numMelBins(), c.dModel(), or(c.maxSourcePositions(), 1500), hides ? frames : SpanMask.NONE,
                hides ? bands : SpanMask.NONE, or(c.dropout(), 0.0));
        var block = block(c, "encoder_attention_heads", c.encoderAttentionHeads(), c.encoderFfnDim(), new FullMask());
        return Stack.Spec.of(input, Collections.nCopies(c.encoderLayers(), block))
                .withFinalNorm(norm(c)).withLayerDrop(or(c.encoderLayerdrop(), 0.0));
    }

    private static Stack.Spec decoder(Config c) {
        int heads = c.decoderAttentionHeads();
        var block = block(c, "decoder_attention_heads", heads, c.decoderFfnDim(), new CausalMask());
        var cross = CrossAttention.Spec.of(c.dModel(), heads, c.dModel() / heads)
                .withBias(BIAS).withDropout(or(c.attentionDropout(), 0.0));
        var input = InputEmbedding.Spec.of(new Embedding.Spec(c.vocabSize(), c.dModel(), c.padding()))
                .withPositions(new LearnedPositions.Spec(or(c.maxTargetPositions(), 448), c.dModel()))
                .withDropout(or(c.dropout(), 0.0));
        var blocks = Collections.nCopies(c.decoderLayers(), block.withCrossAttention(Optional.of(cross)));
        return Stack.Spec.of(input, blocks).withFinalNorm(norm(c)).withLayerDrop(or(c.decoderLayerdrop(), 0.0));
    }

    private static Block.Spec block(Config c, String headsKey, int heads, int inner, Mask mask) {
        int headDim = headDim("whisper", "d_model", c.dModel(), headsKey, heads);
        var attention = SelfAttention.Spec.of(c.dModel(), heads, headDim, mask)
                .withBias(BIAS).withDropout(or(c.attentionDropout(), 0.0));
        var feedForward = new Mlp.Spec(c.dModel(), inner, Activation.named(or(c.activationFunction(), "gelu")))
                .withDropout(or(c.activationDropout(), 0.0));
        return Block.Spec.of(norm(c), Block.NormOrder.PRE, attention, feedForward).withDropout(or(c.dropout(), 0.0));
    }

    private static LayerNorm.Spec norm(Config c) {
        return new LayerNorm.Spec(c.dModel(), 1e-5);
    }

    private static Head.Spec head(Config c, Task task) {
        return switch (task) {
            case BASE -> new BaseHead.Spec(Optional.empty());
            // The decoder by itself does not shift its labels either.
            case SEQ2SEQ_LM, CAUSAL_LM -> LanguageModelHead.Spec.of(
                    c.vocabSize(), c.dModel(), c.common().tieWordEmbeddings(), LanguageModelHead.Target.SAME);
            case SEQUENCE_CLASSIFICATION -> new PooledClassificationHead.Spec(
                    c.dModel(), or(c.classifierProjSize(), 256), c.common().labels().size(),
                    or(c.useWeightedLayerSum(), false) ? c.encoderLayers() + 1 : 0, Optional.empty());
            default -> throw new ConfigException("whisper: got task " + task + ", which has no head");
        };
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        return WhisperWeights.of(c.common().tieWordEmbeddings(), task);
    }
}
