package org.jformers.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The tensors that the reference makes of sounds. */
final class FeatureExtractorTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @TestFactory
    Stream<DynamicTest> makesTheTensorsOfTheReference() throws IOException {
        try (InputStream file = FeatureExtractorTest.class.getResourceAsStream("features.json")) {
            JsonNode cases = JSON.readTree(file).get("cases");
            assertThat(cases).hasSize(14);
            return cases.valueStream().map(one -> DynamicTest.dynamicTest(one.get("name").asText(),
                    () -> Scopes.run(() -> check(one))));
        }
    }

    private static void check(JsonNode one) {
        FeatureExtractor extractor = FeatureExtractor.parse(one.get("settings"), one.get("name").asText());
        ModelInputs inputs = inputs(extractor, one);
        assertThat(inputs.tensors()).hasSize(one.get("tensors").size());
        one.get("tensors").propertyStream().forEach(tensor -> {
            assertThat(inputs.require(tensor.getKey()).shape()).containsExactly(
                    tensor.getValue().get("shape").valueStream().mapToLong(JsonNode::longValue).toArray());
            float[] got = Tensors.toFloats(inputs.require(tensor.getKey()));
            for (int i = 0; i < got.length; i++) {
                assertThat((double) got[i]).as("%s %d", tensor.getKey(), i)
                        .isCloseTo(tensor.getValue().get("values").get(i).doubleValue(), within(1e-4));
            }
        });
    }

    private static ModelInputs inputs(FeatureExtractor extractor, JsonNode one) {
        if (one.get("name").asText().equals("whole")) {
            float[] samples = noise(one.get("lengths").get(0).intValue());
            LogMelExtractor whisper = (LogMelExtractor) extractor;
            return whisper.inputs(whisper.features(samples), 1);
        }
        if (!one.has("lengths")) {
            return extractor.inputs(List.of(WavFile.read(file("speech.wav"))));
        }
        List<Sound> sounds = new ArrayList<>();
        one.get("lengths").forEach(length ->
                sounds.add(new Sound(noise(length.intValue()), extractor.samplingRate())));
        return extractor.inputs(sounds);
    }

    private static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(FeatureExtractorTest.class.getResource(name)).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The noise of the golden file's script, seeded with its length. */
    private static float[] noise(int length) {
        long state = length;
        float[] samples = new float[length];
        for (int i = 0; i < length; i++) {
            state = (1103515245 * state + 12345) % (1L << 31);
            samples[i] = (float) ((state / (double) (1 << 30) - 1) * (i % 1000) / 1000);
        }
        return samples;
    }

    @Test
    void resamplesSoundsToTheModelsRate() {
        FeatureExtractor extractor = new WaveformExtractor(
                16_000, 0, WaveformExtractor.Normalization.NONE, WaveformExtractor.Mask.LEFT_OUT);
        Sound sound = new Sound(noise(500), 8_000);
        Scopes.run(() -> assertThat(Tensors.toFloats(extractor.inputs(List.of(sound)).require("input_values")))
                .isEqualTo(sound.at(16_000).samples()));
    }

    @Test
    void findsTheClassByItsNameOrTheModelType() throws IOException {
        Files.writeString(folder.resolve("preprocessor_config.json"), "{\"sampling_rate\": 8000}");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"wav2vec2\"}");
        assertThat(FeatureExtractor.load(folder)).isEqualTo(new WaveformExtractor(8000, 0,
                WaveformExtractor.Normalization.ZERO_MEAN_UNIT_VARIANCE, WaveformExtractor.Mask.LEFT_OUT));
        Files.writeString(folder.resolve("processor_config.json"), "{\"feature_extractor\":"
                + " {\"feature_extractor_type\": \"WhisperFeatureExtractor\", \"feature_size\": 128}}");
        assertThat(FeatureExtractor.load(folder)).isEqualTo(new LogMelExtractor(128, 16000, 160, 30, 400, 0));
    }

    @Test
    void refusesWhatItDoesNotKnowByName() throws IOException {
        assertThatThrownBy(() -> FeatureExtractor.load(folder)).isInstanceOf(ConfigException.class)
                .hasMessage("feature extractor: neither preprocessor_config.json nor processor_config.json is in "
                        + folder);
        refused("{\"feature_extractor_type\": \"ASTFeatureExtractor\"}",
                "got feature_extractor_type \"ASTFeatureExtractor\" for model type \"\", allowed"
                        + " [Wav2Vec2FeatureExtractor, WhisperFeatureExtractor]");
        refused("{\"feature_extractor_type\": \"WhisperFeatureExtractor\", \"dither\": 0.1}", "got dither 0.1");
        refused("{\"feature_extractor_type\": \"WhisperFeatureExtractor\", \"padding_side\": \"left\"}",
                "got padding_side \"left\", allowed right");
        refused("{\"feature_extractor_type\": \"WhisperFeatureExtractor\", \"hop_length\": 0}", "hop_length 0");
        refused("{\"feature_extractor_type\": \"Wav2Vec2FeatureExtractor\", \"feature_size\": 2}",
                "got feature_size 2, allowed 1");
        refused("{\"feature_extractor_type\": \"Wav2Vec2FeatureExtractor\", \"do_normalize\": 1}",
                "got do_normalize 1, allowed true or false");
        refused("[]", "got no JSON object");
    }

    private void refused(String settings, String why) throws IOException {
        Path file = Files.writeString(folder.resolve("preprocessor_config.json"), settings);
        assertThatThrownBy(() -> FeatureExtractor.load(folder)).isInstanceOf(ConfigException.class)
                .hasMessageContaining(why).hasMessageEndingWith(", in " + file);
    }

    @Test
    void refusesSilenceOfNoLength() {
        Sound none = new Sound(new float[0], 16_000);
        assertThatThrownBy(() -> new LogMelExtractor(80, 16000, 160, 30, 400, 0).inputs(List.of(none)))
                .isInstanceOf(ShapeException.class).hasMessage("sound: got no samples, allowed at least one");
        assertThatThrownBy(() -> new WaveformExtractor(16_000, 0, WaveformExtractor.Normalization.NONE,
                WaveformExtractor.Mask.GIVEN).inputs(List.of(none)))
                .isInstanceOf(ShapeException.class).hasMessageContaining("got lengths [0]");
    }
}
