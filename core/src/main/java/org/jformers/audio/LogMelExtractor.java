package org.jformers.audio;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * Whisper's features: the logarithm of how loud the bands of the mel scale are, frame by frame, of a sound that is
 * filled or cut to one length. Source: arXiv:2212.04356, 2.2; transformers 5.18, {@code WhisperFeatureExtractor}. The
 * mask of frames, which Whisper does not look at, is not made.
 *
 * @param bands of the mel scale, up to 8000 Hz
 * @param samplingRate of sounds
 * @param hop samples from one frame to the next
 * @param seconds that a model reads at once
 * @param window samples under the window of one frame
 * @param padding what a short sound is filled with
 */
public record LogMelExtractor(int bands, int samplingRate, int hop, int seconds, int window, double padding)
        implements FeatureExtractor {
    private static final double HIGHEST = 8000;
    private static final double LEAST = 1e-10;
    private static final float RANGE = 8;

    public LogMelExtractor {
        if (bands < 1 || samplingRate < 2 || hop < 1 || seconds < 1 || window < 2 || !Double.isFinite(padding)
                || (long) samplingRate * seconds > Integer.MAX_VALUE || (long) samplingRate * seconds <= window) {
            throw new ConfigException("feature extractor: got feature_size " + bands + ", sampling_rate " + samplingRate
                    + ", hop_length " + hop + ", chunk_length " + seconds + ", n_fft " + window + ", padding_value "
                    + padding + ", allowed numbers above 0 for which a chunk is longer than a frame");
        }
    }

    /** Samples that a model reads at once. */
    public int samples() {
        return samplingRate * seconds;
    }

    /** Frames that a sound of so many samples has. */
    public int frames(int samples) {
        return samples / hop;
    }

    @Override
    public ModelInputs inputs(List<Sound> sounds) {
        if (sounds.isEmpty()) {
            throw new ShapeException("sounds: got none, allowed at least one");
        }
        int size = bands * frames(samples());
        float[] values = new float[Math.multiplyExact(size, sounds.size())];
        for (int i = 0; i < sounds.size(); i++) {
            System.arraycopy(features(filled(sounds.get(i).at(samplingRate).samples())), 0, values, i * size, size);
        }
        return inputs(values, sounds.size());
    }

    /**
     * Features as a model's input.
     *
     * @param values [rows, bands, frames], row-major
     */
    public ModelInputs inputs(float[] values, int rows) {
        return ModelInputs.of(Map.of("input_features",
                Tensors.ofFloats(values, rows, bands, values.length / rows / bands)));
    }

    /**
     * A sound filled or cut to what a model reads at once.
     *
     * @throws ShapeException if it has no samples
     */
    public float[] filled(float[] samples) {
        if (samples.length == 0) {
            throw new ShapeException("sound: got no samples, allowed at least one");
        }
        float[] filled = Arrays.copyOf(samples, samples());
        if (samples.length < filled.length) {
            Arrays.fill(filled, samples.length, filled.length, (float) padding);
        }
        return filled;
    }

    /**
     * The features of a whole sound at the sampling rate.
     *
     * @return [bands, frames], row-major
     * @throws ShapeException if it is shorter than half a window
     */
    public float[] features(float[] samples) {
        if (samples.length <= window / 2) {
            throw new ShapeException("sound: got " + samples.length + " samples, allowed more than " + window / 2);
        }
        float[] features = logs(samples, frames(samples.length));
        float floor = Float.NEGATIVE_INFINITY;
        for (float log : features) {
            floor = Math.max(floor, log - RANGE);
        }
        for (int i = 0; i < features.length; i++) {
            features[i] = (Math.max(features[i], floor) + 4) / 4;
        }
        return features;
    }

    private float[] logs(float[] samples, int frames) {
        int frequencies = window / 2 + 1;
        MelFilters filters = MelFilters.of(bands, frequencies, samplingRate / 2, HIGHEST);
        FourierTransform transform = new FourierTransform(window);
        double[] hann = new double[window];
        Arrays.setAll(hann, i -> 0.5 - 0.5 * Math.cos(2 * Math.PI * i / window));
        double[] frame = new double[window];
        double[] power = new double[frequencies];
        float[] logs = new float[Math.multiplyExact(bands, frames)];
        for (int t = 0; t < frames; t++) {
            for (int i = 0; i < window; i++) {
                frame[i] = hann[i] * mirrored(samples, (long) t * hop + i - window / 2);
            }
            transform.power(frame, power);
            for (int band = 0; band < bands; band++) {
                logs[band * frames + t] = (float) Math.log10(Math.max(filters.apply(band, power), LEAST));
            }
        }
        return logs;
    }

    /** The sample at a place; what is before the first or behind the last is a mirror image. */
    private static float mirrored(float[] samples, long place) {
        long at = Math.abs(place);
        return samples[(int) (at < samples.length ? at : 2L * (samples.length - 1) - at)];
    }
}
