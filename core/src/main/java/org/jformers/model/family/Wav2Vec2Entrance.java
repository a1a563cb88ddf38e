package org.jformers.model.family;

import static org.jformers.model.Defaults.or;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jformers.model.ConfigException;
import org.jformers.nn.Activation;
import org.jformers.nn.SpanMask;
import org.jformers.nn.conv.Conv1d;
import org.jformers.nn.norm.Norm;
import org.jformers.nn.stack.WaveformEntrance;
import org.jformers.nn.stack.WaveformEntrance.ConvolutionNorm;

/** The keys of {@link Wav2Vec2} that say how a waveform enters. */
final class Wav2Vec2Entrance {
    private Wav2Vec2Entrance() {}

    /** The entrance with that norm behind the positions. */
    static WaveformEntrance.Spec of(Wav2Vec2.Config c, Optional<Norm.Spec> norm, double dropout) {
        List<Integer> widths = or(c.convDim(), Collections.nCopies(7, 512));
        List<Integer> strides = or(c.convStride(), List.of(5, 2, 2, 2, 2, 2, 2));
        List<Integer> kernels = or(c.convKernel(), List.of(10, 3, 3, 3, 3, 2, 2));
        if (strides.size() != widths.size() || kernels.size() != widths.size()) {
            throw new ConfigException("wav2vec2: got conv_dim " + widths + ", conv_stride " + strides + ", conv_kernel "
                    + kernels + ", allowed lists of one length");
        }
        List<Conv1d.Spec> convolutions = new ArrayList<>();
        for (int i = 0; i < widths.size(); i++) {
            convolutions.add(Conv1d.Spec.of(i == 0 ? 1 : widths.get(i - 1), widths.get(i), kernels.get(i))
                    .withStride(strides.get(i)).withBias(or(c.convBias(), false)));
        }
        int window = or(c.numConvPosEmbeddings(), 128);
        var positions = Conv1d.Spec.of(c.hiddenSize(), c.hiddenSize(), window)
                .withPadding(window / 2).withGroups(or(c.numConvPosEmbeddingGroups(), 16));
        return new WaveformEntrance.Spec(
                convolutions, convolutionNorm(or(c.featExtractNorm(), "group")),
                Activation.named(or(c.featExtractActivation(), "gelu")), or(c.layerNormEps(), 1e-5),
                or(c.featProjDropout(), 0.0), positions, norm, dropout,
                c.masks() ? Optional.of(hidden(c)) : Optional.empty());
    }

    private static ConvolutionNorm convolutionNorm(String name) {
        return switch (name) {
            case "group" -> ConvolutionNorm.FIRST_OVER_TIME;
            case "layer" -> ConvolutionNorm.ALL_OVER_CHANNELS;
            default -> throw new ConfigException("wav2vec2: got feat_extract_norm " + name + ", allowed group, layer");
        };
    }

    private static WaveformEntrance.Hidden hidden(Wav2Vec2.Config c) {
        return new WaveformEntrance.Hidden(
                new SpanMask(or(c.maskTimeProb(), 0.05), or(c.maskTimeLength(), 10), or(c.maskTimeMinMasks(), 2)),
                new SpanMask(
                        or(c.maskFeatureProb(), 0.0), or(c.maskFeatureLength(), 10), or(c.maskFeatureMinMasks(), 0)),
                or(c.applySpecAugment(), true));
    }
}
