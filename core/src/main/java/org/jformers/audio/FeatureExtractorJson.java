package org.jformers.audio;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.jformers.model.ConfigException;
import org.jformers.text.ForeignJson;

/** Reads a {@link FeatureExtractor} from a model folder, as transformers 5.18 does. */
final class FeatureExtractorJson {
    private static final String FILE = "preprocessor_config.json";
    private static final String FILE_OF_SEVERAL = "processor_config.json";
    private static final String OF_SEVERAL = "feature_extractor";
    private static final String TYPE = "feature_extractor_type";
    private static final JsonMapper MAPPER = ForeignJson.mapper().build();

    private static final String WHISPER = "WhisperFeatureExtractor";
    private static final String WAV2VEC2 = "Wav2Vec2FeatureExtractor";

    private static final Map<String, Function<FeatureExtractorJson, FeatureExtractor>> CLASSES =
            Map.of(WHISPER, FeatureExtractorJson::whisper, WAV2VEC2, FeatureExtractorJson::waveform);
    private static final Map<String, String> MODEL_TYPES = Map.of("whisper", WHISPER, "wav2vec2", WAV2VEC2);

    private final JsonNode json;

    private FeatureExtractorJson(JsonNode json) {
        this.json = json;
    }

    static FeatureExtractor load(Path folder) {
        Path several = folder.resolve(FILE_OF_SEVERAL);
        if (Files.isRegularFile(several) && tree(several).path(OF_SEVERAL).isObject()) {
            return parse(tree(several).get(OF_SEVERAL), modelType(folder), several.toString());
        }
        Path file = folder.resolve(FILE);
        if (Files.isRegularFile(file)) {
            return parse(tree(file), modelType(folder), file.toString());
        }
        throw new ConfigException(
                "feature extractor: neither " + FILE + " nor " + FILE_OF_SEVERAL + " is in " + folder);
    }

    /**
     * Reads settings.
     *
     * @param modelType decides where they name no class; empty if there is none
     * @param where named in errors
     */
    static FeatureExtractor parse(JsonNode said, String modelType, String where) {
        try {
            if (!said.isObject()) {
                throw new ConfigException("feature extractor: got no JSON object");
            }
            String type = said.hasNonNull(TYPE) ? said.get(TYPE).asText() : MODEL_TYPES.getOrDefault(modelType, "");
            if (!CLASSES.containsKey(type)) {
                throw new ConfigException("feature extractor: got " + TYPE + " \"" + type + "\" for model type \""
                        + modelType + "\", allowed " + new TreeSet<>(CLASSES.keySet()));
            }
            return CLASSES.get(type).apply(new FeatureExtractorJson(said));
        } catch (ConfigException e) {
            throw new ConfigException(e.getMessage() + ", in " + where, e);
        }
    }

    private static JsonNode tree(Path file) {
        try {
            return MAPPER.readTree(Files.readString(file));
        } catch (JsonProcessingException e) {
            throw new ConfigException(
                    "feature extractor: no valid JSON, " + ForeignJson.problem(e) + ", in " + file, e);
        } catch (IOException e) {
            throw new ConfigException("feature extractor: cannot be read, " + e.getMessage() + ", in " + file, e);
        }
    }

    private static String modelType(Path folder) {
        Path config = folder.resolve("config.json");
        return Files.isRegularFile(config) ? tree(config).path("model_type").asText() : "";
    }

    private FeatureExtractor whisper() {
        requireRight();
        if (real("dither", 0) != 0) {
            throw refused("dither", "0: noise that is drawn for each call is not supported");
        }
        return new LogMelExtractor(whole("feature_size", 80), whole("sampling_rate", 16000), whole("hop_length", 160),
                whole("chunk_length", 30), whole("n_fft", 400), real("padding_value", 0));
    }

    private FeatureExtractor waveform() {
        requireRight();
        if (whole("feature_size", 1) != 1) {
            throw refused("feature_size", "1");
        }
        return new WaveformExtractor(whole("sampling_rate", 16000), real("padding_value", 0),
                flag("do_normalize", true)
                        ? WaveformExtractor.Normalization.ZERO_MEAN_UNIT_VARIANCE
                        : WaveformExtractor.Normalization.NONE,
                flag("return_attention_mask", false)
                        ? WaveformExtractor.Mask.GIVEN
                        : WaveformExtractor.Mask.LEFT_OUT);
    }

    private void requireRight() {
        if (!json.path("padding_side").asText("right").equals("right")) {
            throw refused("padding_side", "right");
        }
    }

    private int whole(String key, int otherwise) {
        JsonNode value = json.path(key);
        if (value.isMissingNode()) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw refused(key, "a whole number");
        }
        return value.intValue();
    }

    private double real(String key, double otherwise) {
        JsonNode value = json.path(key);
        if (!value.isMissingNode() && !value.isNumber()) {
            throw refused(key, "a number");
        }
        return value.asDouble(otherwise);
    }

    private boolean flag(String key, boolean otherwise) {
        JsonNode value = json.path(key);
        if (!value.isMissingNode() && !value.isBoolean() && !value.isNull()) {
            throw refused(key, "true or false");
        }
        return !value.isNull() && value.asBoolean(otherwise);
    }

    private ConfigException refused(String key, String allowed) {
        return new ConfigException("feature extractor: got " + key + " " + json.path(key) + ", allowed " + allowed);
    }
}
