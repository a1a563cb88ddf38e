package org.jformers.audio;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/**
 * The waveform itself, as wav2vec 2.0 reads it: with a mean of 0 and a variance of 1 if asked for. Source: transformers
 * 5.18, {@code Wav2Vec2FeatureExtractor}, with padding to the longest sound. As there, without a mask what fills a row
 * counts for its mean and variance.
 *
 * @param samplingRate of sounds
 * @param padding what short sounds of a batch are filled with
 * @param normalization whether and how a row is brought to a common scale
 * @param mask whether the model is told what is padding
 */
public record WaveformExtractor(int samplingRate, double padding, Normalization normalization, Mask mask)
        implements FeatureExtractor {
    private static final double LEAST_VARIANCE = 1e-7;

    /** What is done to a waveform. */
    public enum Normalization {
        /** Nothing. */
        NONE,
        /** Mean 0, variance 1. */
        ZERO_MEAN_UNIT_VARIANCE
    }

    /** Whether a model gets an {@code attention_mask}. */
    public enum Mask {
        /** It does, and normalization goes by it. */
        GIVEN,
        /** It does not: padding is silence. */
        LEFT_OUT
    }

    public WaveformExtractor {
        if (samplingRate < 1 || samplingRate > Sound.HIGHEST_RATE || !Double.isFinite(padding)) {
            throw new ConfigException("feature extractor: got sampling_rate " + samplingRate + " and padding_value "
                    + padding + ", allowed 1 to " + Sound.HIGHEST_RATE + " and a number");
        }
    }

    @Override
    public ModelInputs inputs(List<Sound> sounds) {
        Rows rows = rows(sounds);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("input_values", Tensors.ofFloats(rows.values(), sounds.size(), rows.length()));
        if (mask == Mask.GIVEN) {
            inputs.put("attention_mask", Tensors.ofLongs(rows.real(), sounds.size(), rows.length()));
        }
        return ModelInputs.of(inputs);
    }

    /**
     * Sounds of one length.
     *
     * @param values samples, row by row
     * @param real 1 for samples and 0 for padding, likewise
     * @param length samples of a row
     */
    public record Rows(float[] values, long[] real, int length) {}

    /**
     * The input of a batch as plain numbers.
     *
     * @throws ShapeException if there is no sound, or one without samples
     */
    public Rows rows(List<Sound> sounds) {
        List<float[]> rows = sounds.stream().map(sound -> sound.at(samplingRate).samples()).toList();
        if (rows.stream().noneMatch(row -> row.length > 0) || rows.stream().anyMatch(row -> row.length == 0)) {
            throw new ShapeException("sounds: got lengths " + rows.stream().map(row -> row.length).toList()
                    + ", allowed at least one sound, each with samples");
        }
        int longest = rows.stream().mapToInt(row -> row.length).max().orElseThrow();
        float[] values = new float[Math.multiplyExact(longest, rows.size())];
        long[] real = new long[values.length];
        for (int i = 0; i < rows.size(); i++) {
            fill(rows.get(i), values, real, i * longest, longest);
        }
        return new Rows(values, real, longest);
    }

    private void fill(float[] row, float[] values, long[] real, int from, int length) {
        for (int i = 0; i < length; i++) {
            values[from + i] = i < row.length ? row[i] : (float) padding;
            real[from + i] = i < row.length ? 1 : 0;
        }
        if (normalization == Normalization.ZERO_MEAN_UNIT_VARIANCE) {
            normalize(values, from, from + (mask == Mask.GIVEN ? row.length : length));
        }
    }

    private static void normalize(float[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        double mean = sum / (to - from);
        double squares = 0;
        for (int i = from; i < to; i++) {
            squares += (values[i] - mean) * (values[i] - mean);
        }
        double deviation = Math.sqrt(squares / (to - from) + LEAST_VARIANCE);
        for (int i = from; i < to; i++) {
            values[i] = (float) ((values[i] - mean) / deviation);
        }
    }
}
