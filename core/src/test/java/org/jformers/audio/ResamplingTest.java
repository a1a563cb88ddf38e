package org.jformers.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResamplingTest {

    /** A tone is the same tone at another rate, but for where it begins and ends. */
    @ParameterizedTest
    @CsvSource({"44100, 16000", "48000, 16000", "8000, 16000", "22050, 16000", "11025, 16000", "16001, 16000"})
    void keepsTones(int from, int to) {
        for (double hertz : new double[] {0, 100, 440, 1000, 0.3 * Math.min(from, to)}) {
            float[] made = new Sound(tone(hertz, from, from / 4), from).at(to).samples();
            float[] meant = tone(hertz, to, made.length);
            assertThat(made).hasSize((int) Math.ceil((double) (from / 4) * to / from));
            for (int i = 40; i < made.length - 40; i++) {
                assertThat(made[i]).as("%s Hz at %d", hertz, i).isCloseTo(meant[i], within(0.005f));
            }
        }
    }

    /** Above half the new rate there is nothing to hear. */
    @Test
    void keepsOutWhatTheNewRateCannotHold() {
        float[] made = new Sound(tone(11_000, 44_100, 22_050), 44_100).at(16_000).samples();
        for (int i = 40; i < made.length - 40; i++) {
            assertThat(made[i]).as("%d", i).isCloseTo(0, within(0.02f));
        }
    }

    private static float[] tone(double hertz, int rate, int length) {
        float[] samples = new float[length];
        for (int i = 0; i < length; i++) {
            samples[i] = (float) Math.cos(2 * Math.PI * hertz * i / rate);
        }
        return samples;
    }

    /** Noise at the rates of the golden file: what the formula gives, and how far a polyphase filter is from it. */
    @Test
    void givesWhatTheFormulaGives() throws IOException {
        try (InputStream file = ResamplingTest.class.getResourceAsStream("resampling.json")) {
            JsonNode cases = new ObjectMapper().readTree(file).get("cases");
            assertThat(cases).hasSizeGreaterThan(6);
            for (JsonNode one : cases) {
                int to = one.get("to").intValue();
                float[] made = new Sound(floats(one.get("samples")), one.get("from").intValue()).at(to).samples();
                float[] formula = floats(one.get("resampled"));
                assertThat(made).as(one.get("from") + " " + to).hasSameSizeAs(formula);
                for (int i = 0; i < made.length; i++) {
                    assertThat(made[i]).as("%s to %d at %d", one.get("from"), to, i)
                            .isCloseTo(formula[i], within(1e-5f));
                }
            }
        }
    }

    private static float[] floats(JsonNode values) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i).floatValue();
        }
        return floats;
    }

    @Test
    void leavesASoundOfThatRateAlone() {
        Sound sound = new Sound(new float[] {1, 2}, 16_000);
        assertThat(sound.at(16_000)).isSameAs(sound);
        assertThat(new Sound(new float[0], 8_000).at(16_000).samples()).isEmpty();
        assertThat(new Sound(new float[1], 1_000_000).at(1).samples()).hasSize(1);
    }
}
