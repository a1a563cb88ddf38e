package org.jformers.audio;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelInputs;

/** Makes a model's input of sounds, as {@code preprocessor_config.json} says. */
public sealed interface FeatureExtractor permits LogMelExtractor, WaveformExtractor {

    /** The rate of the sounds that the model reads; those of another are resampled. */
    int samplingRate();

    /**
     * Makes the input of a batch, rows filled to one length.
     *
     * @throws org.jformers.tensor.ShapeException if there is no sound, or one without samples
     */
    ModelInputs inputs(List<Sound> sounds);

    /**
     * Reads the settings of a model folder: {@code processor_config.json} or {@code preprocessor_config.json}. Where
     * they name no class, the model type of {@code config.json} decides.
     *
     * @throws ConfigException if there are none, or some that are not supported
     */
    static FeatureExtractor load(Path folder) {
        return FeatureExtractorJson.load(folder);
    }

    /**
     * Takes settings as they are in {@code preprocessor_config.json}.
     *
     * @param where named in errors
     * @throws ConfigException if some are not supported
     */
    static FeatureExtractor parse(JsonNode settings, String where) {
        return FeatureExtractorJson.parse(settings, "", where);
    }
}
