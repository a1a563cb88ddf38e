package org.jformers.model.kind;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.head.Rows;
import org.jformers.tensor.Tensors;

/**
 * How far a spoken spectrogram is from a recording: absolute error of the frames, squared errors of what was predicted
 * of each token. Source: FastSpeech 2, arXiv:2006.04558, 2.
 *
 * <p>Dimensions: B batch, T tokens, F frames, M mel bands.
 */
public final class FastSpeechLoss {
    private static final long NONE = 0;
    private static final long MEAN = 1;

    private final Weighting weighting;
    private final FastSpeechLabels labels;
    private final Tensor realToken_BT;
    private final Tensor realFrame_BF;

    /** How rows of unequal length count. */
    public enum Weighting {
        /** Padding counts as what it is filled with. */
        ALL,
        /** Each real token and frame alike. */
        REAL,
        /** Each row alike. */
        ROWS
    }

    FastSpeechLoss(Weighting weighting, FastSpeechLabels labels, Tensor realToken_BT) {
        this.weighting = weighting;
        this.labels = labels;
        this.realToken_BT = realToken_BT;
        realFrame_BF = labels.realFrames(labels.spectrogram_BFM().size(1));
    }

    /** The sum of all parts, a scalar. */
    Tensor of(Tensor rough_BFM, Tensor spectrogram_BFM, Tensor logDuration_BT, Tensor pitch_BT1, Tensor energy_BT1) {
        Tensor logFrames_BT = labels.duration_BT().to(ScalarType.Float).add(new Scalar(1)).log();
        Tensor token_BT1 = realToken_BT.unsqueeze(2);
        return frames(rough_BFM).add(frames(spectrogram_BFM))
                .add(tokens(logDuration_BT, logFrames_BT, realToken_BT))
                .add(tokens(pitch_BT1, labels.pitch_BT1(), token_BT1))
                .add(tokens(energy_BT1, labels.energy_BT1(), token_BT1));
    }

    private Tensor frames(Tensor got_BFM) {
        Tensor wanted_BFM = Tensors.beside(labels.spectrogram_BFM(), got_BFM);
        Tensor real_BF1 = realFrame_BF.unsqueeze(2);
        return switch (weighting) {
            case ALL -> torch.l1_loss(got_BFM, wanted_BFM, MEAN);
            case REAL -> torch.l1_loss(Rows.where(got_BFM, real_BF1), Rows.where(wanted_BFM, real_BF1), MEAN);
            case ROWS -> perRow(torch.l1_loss(got_BFM, wanted_BFM, NONE), real_BF1)
                    .div(new Scalar((double) wanted_BFM.size(2)));
        };
    }

    private Tensor tokens(Tensor got, Tensor label, Tensor real) {
        Tensor wanted = Tensors.beside(label, got);
        return switch (weighting) {
            case ALL -> torch.mse_loss(got, wanted, MEAN);
            case REAL -> torch.mse_loss(Rows.where(got, real), Rows.where(wanted, real), MEAN);
            case ROWS -> perRow(torch.mse_loss(got, wanted, NONE), real);
        };
    }

    /** Errors [B, X, ...] to the mean over rows of each row's mean over its real X. */
    private static Tensor perRow(Tensor error, Tensor isReal) {
        Tensor real = Tensors.beside(isReal, error);
        Tensor share = real.to(ScalarType.Float)
                .div(real.sum(new long[] {1}, true, new ScalarTypeOptional()))
                .div(new Scalar((double) error.size(0)));
        Tensor padding = Tensors.beside(isReal.logical_not(), error);
        return error.masked_fill(padding, new Scalar(0)).mul(share).sum();
    }
}
