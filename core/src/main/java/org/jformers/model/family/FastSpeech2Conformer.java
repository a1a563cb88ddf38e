package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import org.jformers.checkpoint.WeightMap;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelFamily;
import org.jformers.model.ModelSpec;
import org.jformers.model.Task;
import org.jformers.model.kind.FastSpeechLoss.Weighting;
import org.jformers.model.kind.FastSpeechModel;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.attention.ConformerAttention;
import org.jformers.nn.block.Block.NormOrder;
import org.jformers.nn.block.ConformerBlock;
import org.jformers.nn.conv.LengthRegulator;
import org.jformers.nn.conv.Postnet;
import org.jformers.nn.conv.VariancePredictor;
import org.jformers.nn.stack.ConformerStack;
import org.jspecify.annotations.Nullable;

/**
 * FastSpeech 2 with Conformers: speaks a text in one go, by what it predicts of each token's length, pitch and energy.
 *
 * <p>Reference: arXiv:2006.04558, arXiv:2010.13956; transformers 5.18 {@code models/fastspeech2_conformer}. The keys
 * {@code encoder_config} and {@code decoder_config} repeat others and are not read.
 */
public final class FastSpeech2Conformer implements ModelFamily<FastSpeech2Conformer.Config> {

    /** The keys of {@code config.json} that change the computation. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Config(
            int vocabSize, int hiddenSize, int numMelBins, int encoderLayers, int encoderNumAttentionHeads,
            int encoderLinearUnits, @Nullable Integer encoderKernelSize, @Nullable Boolean encoderNormalizeBefore,
            @Nullable Boolean encoderConcatAfter, @Nullable Double encoderDropoutRate,
            @Nullable Double encoderPositionalDropoutRate, @Nullable Double encoderAttentionDropoutRate,
            int decoderLayers, int decoderNumAttentionHeads, int decoderLinearUnits,
            @Nullable Integer decoderKernelSize, @Nullable Boolean decoderNormalizeBefore,
            @Nullable Boolean decoderConcatAfter, @Nullable Double decoderDropoutRate,
            @Nullable Double decoderPositionalDropoutRate, @Nullable Double decoderAttentionDropoutRate,
            @Nullable Integer positionwiseConvKernelSize, @Nullable Boolean useMacaronStyleInConformer,
            @Nullable Boolean useCnnInConformer, @Nullable Boolean convolutionBias,
            @Nullable Integer durationPredictorLayers, @Nullable Integer durationPredictorChannels,
            @Nullable Integer durationPredictorKernelSize, @Nullable Double durationPredictorDropoutRate,
            @Nullable Integer pitchPredictorLayers, @Nullable Integer pitchPredictorChannels,
            @Nullable Integer pitchPredictorKernelSize, @Nullable Double pitchPredictorDropout,
            @Nullable Integer pitchEmbedKernelSize, @Nullable Double pitchEmbedDropout,
            @Nullable Boolean stopGradientFromPitchPredictor, @Nullable Integer energyPredictorLayers,
            @Nullable Integer energyPredictorChannels, @Nullable Integer energyPredictorKernelSize,
            @Nullable Double energyPredictorDropout, @Nullable Integer energyEmbedKernelSize,
            @Nullable Double energyEmbedDropout, @Nullable Boolean stopGradientFromEnergyPredictor,
            @Nullable Integer speechDecoderPostnetLayers, @Nullable Integer speechDecoderPostnetUnits,
            @Nullable Integer speechDecoderPostnetKernel, @Nullable Double speechDecoderPostnetDropout,
            @Nullable Integer reductionFactor, @Nullable Double speakingSpeed, @Nullable Boolean useMasking,
            @Nullable Boolean useWeightedMasking, @Nullable Integer numSpeakers, @Nullable Integer numLanguages,
            @Nullable Integer speakerEmbedDim,
            @JsonAnySetter @JsonAnyGetter Map<String, Object> other)
            implements org.jformers.model.Config {}

    @Override
    public String modelType() {
        return "fastspeech2_conformer";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Map<String, Task> architectures() {
        return Map.of("FastSpeech2ConformerModel", Task.TEXT_TO_SPEECH);
    }

    @Override
    public ModelSpec spec(Config c, Task task) {
        if (!or(c.useCnnInConformer(), true)) {
            throw new ConfigException("fastspeech2_conformer: got use_cnn_in_conformer false, allowed true");
        }
        int width = c.hiddenSize();
        var durations = new VariancePredictor.Spec(
                width, or(c.durationPredictorChannels(), 256), or(c.durationPredictorLayers(), 2),
                or(c.durationPredictorKernelSize(), 3), or(c.durationPredictorDropoutRate(), 0.2));
        var pitch = new FastSpeechModel.Variance(
                new VariancePredictor.Spec(
                        width, or(c.pitchPredictorChannels(), 256), or(c.pitchPredictorLayers(), 5),
                        or(c.pitchPredictorKernelSize(), 5), or(c.pitchPredictorDropout(), 0.5)),
                or(c.pitchEmbedKernelSize(), 1), or(c.pitchEmbedDropout(), 0.0),
                or(c.stopGradientFromPitchPredictor(), true));
        var energy = new FastSpeechModel.Variance(
                new VariancePredictor.Spec(
                        width, or(c.energyPredictorChannels(), 256), or(c.energyPredictorLayers(), 2),
                        or(c.energyPredictorKernelSize(), 3), or(c.energyPredictorDropout(), 0.5)),
                or(c.energyEmbedKernelSize(), 1), or(c.energyEmbedDropout(), 0.0),
                or(c.stopGradientFromEnergyPredictor(), false));
        var postnet = new Postnet.Spec(
                c.numMelBins(), or(c.speechDecoderPostnetUnits(), 256), or(c.speechDecoderPostnetLayers(), 5),
                or(c.speechDecoderPostnetKernel(), 5), or(c.speechDecoderPostnetDropout(), 0.5));
        var voices = new FastSpeechModel.Voices(
                or(c.numSpeakers(), 0), or(c.numLanguages(), 0), or(c.speakerEmbedDim(), 0));
        return new FastSpeechModel.Spec(
                new Embedding.Spec(c.vocabSize(), width, 0), encoder(c), voices, durations, pitch, energy,
                new LengthRegulator(or(c.speakingSpeed(), 1.0)), decoder(c), or(c.reductionFactor(), 1), postnet,
                weighting(c), new Initialization.Normal(0.02, 0.02));
    }

    private static Weighting weighting(Config c) {
        boolean real = or(c.useMasking(), true);
        boolean rows = or(c.useWeightedMasking(), false);
        if (real && rows) {
            throw new ConfigException("fastspeech2_conformer: got use_masking and use_weighted_masking, allowed one");
        }
        return rows ? Weighting.ROWS : real ? Weighting.REAL : Weighting.ALL;
    }

    private static ConformerStack.Spec encoder(Config c) {
        var attention = new ConformerAttention.Spec(
                c.hiddenSize(), c.encoderNumAttentionHeads(), or(c.encoderAttentionDropoutRate(), 0.2));
        var block = block(c, attention, c.encoderLinearUnits(), or(c.encoderKernelSize(), 7),
                or(c.encoderConcatAfter(), false), or(c.encoderNormalizeBefore(), false),
                or(c.encoderDropoutRate(), 0.2));
        return new ConformerStack.Spec(block, c.encoderLayers(), or(c.encoderPositionalDropoutRate(), 0.2));
    }

    private static ConformerStack.Spec decoder(Config c) {
        var attention = new ConformerAttention.Spec(
                c.hiddenSize(), c.decoderNumAttentionHeads(), or(c.decoderAttentionDropoutRate(), 0.2));
        var block = block(c, attention, c.decoderLinearUnits(), or(c.decoderKernelSize(), 31),
                or(c.decoderConcatAfter(), false), or(c.decoderNormalizeBefore(), false),
                or(c.decoderDropoutRate(), 0.2));
        return new ConformerStack.Spec(block, c.decoderLayers(), or(c.decoderPositionalDropoutRate(), 0.2));
    }

    private static ConformerBlock.Spec block(
            Config c, ConformerAttention.Spec attention, int inner, int kernel, boolean concat, boolean before,
            double dropout) {
        return new ConformerBlock.Spec(
                attention, inner, or(c.positionwiseConvKernelSize(), 3), kernel, or(c.convolutionBias(), true),
                or(c.useMacaronStyleInConformer(), true)
                        ? ConformerBlock.Sandwich.HALVES : ConformerBlock.Sandwich.WHOLE,
                concat ? ConformerBlock.Joining.CONCATENATED : ConformerBlock.Joining.ADDED,
                before ? NormOrder.PRE : NormOrder.POST, dropout);
    }

    @Override
    public WeightMap weights(Config c, Task task) {
        var map = WeightMap.builder()
                .map("encoder.embed.weight", "tokens.weight")
                .map("speaker_id_embedding.weight", "speakers.weight")
                .map("language_id_embedding.weight", "languages.weight")
                .module("projection", "voice");
        for (String stack : List.of("encoder", "decoder")) {
            SpeechWeights.conformer(map, stack + ".conformer_layers.{}.", stack + ".blocks.{}.");
        }
        SpeechWeights.predictor(map, "duration_predictor.", "durations.");
        for (String curve : List.of("pitch", "energy")) {
            SpeechWeights.predictor(map, curve + "_predictor.", curve + ".predictor.");
            map.module(curve + "_embed.conv", curve + ".embedding");
        }
        SpeechWeights.postnet(map, "speech_decoder_postnet.", "postnet.");
        return map.module("speech_decoder_postnet.feat_out", "spectrogram").build();
    }
}
