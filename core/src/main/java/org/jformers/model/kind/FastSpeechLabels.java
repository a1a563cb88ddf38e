package org.jformers.model.kind;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;

/**
 * What a recording says about its text, for training.
 *
 * <p>Dimensions: B batch, T tokens, F frames, M mel bands.
 *
 * @param spectrogram_BFM the recording; -100 behind its end
 * @param duration_BT int64, frames of each token
 * @param pitch_BT1 mean pitch of each token
 * @param energy_BT1 mean energy of each token
 */
record FastSpeechLabels(Tensor spectrogram_BFM, Tensor duration_BT, Tensor pitch_BT1, Tensor energy_BT1) {
    private static final double PADDING = -100;

    /** Those of the inputs; throws {@link ShapeException} if one is missing. */
    static FastSpeechLabels of(ModelInputs inputs, Tensor id_BT) {
        long rows = id_BT.size(0);
        long tokens = id_BT.size(1);
        Tensor spectrogram_BFM = inputs.require("spectrogram_labels");
        Shapes.require("spectrogram_labels", spectrogram_BFM, rows, -1, -1);
        Tensor duration_BT = inputs.require("duration_labels");
        Shapes.require("duration_labels", duration_BT, rows, tokens);
        Tensor pitch_BT1 = inputs.require("pitch_labels");
        Shapes.require("pitch_labels", pitch_BT1, rows, tokens, 1);
        Tensor energy_BT1 = inputs.require("energy_labels");
        Shapes.require("energy_labels", energy_BT1, rows, tokens, 1);
        return new FastSpeechLabels(spectrogram_BFM, duration_BT, pitch_BT1, energy_BT1);
    }

    /** bool [B, F], true for frames that are no padding; there must be {@code frames} of them, as the durations say. */
    Tensor realFrames(long frames) {
        if (spectrogram_BFM.size(1) != frames) {
            throw new ShapeException("spectrogram_labels: got " + spectrogram_BFM.size(1) + " frames, allowed " + frames
                    + ", the sum of duration_labels in the longest row");
        }
        return spectrogram_BFM.ne(new Scalar(PADDING)).any(-1, false);
    }
}
