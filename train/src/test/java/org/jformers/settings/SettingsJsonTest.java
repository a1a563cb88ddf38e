package org.jformers.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsJsonTest {
    record Point(int x, @Nullable Double y, Inner inner) {}

    record Inner(long count, String label) {}

    @Test
    void readsBackWhatItPrints(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("experiment.json");
        Files.writeString(file, SettingsJson.print(Sample.example()));
        assertThat(SettingsJson.load(file, Sample.class)).isEqualTo(Sample.example());
    }

    @Test
    void printsOneSettingPerLine() {
        assertThat(SettingsJson.print(new Point(1, null, new Inner(2, "a")))).isEqualTo("""
                {
                  "x" : 1,
                  "y" : null,
                  "inner" : {
                    "count" : 2,
                    "label" : "a"
                  }
                }
                """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"x":1, "y":2, "inner":{"count":3, "lable":""}} | unknown setting inner.lable; nearest: inner.label, in f
            {"x": 1, "y": 2, "inner": {"count": 3}}             | missing setting inner.label, in f
            {"x": 1, "y": 2}                                    | missing setting inner, in f
            {"y": 2, "inner": {"count": 3, "label": ""}}       | missing setting x, in f
            {"x": 1.0, "y": 2, "inner": {"count": 3, "label": ""}} | x: expected an integer, got 1.0, in f
            {"x": "1", "y": 2, "inner": {"count": 3, "label": ""}} | x: expected an integer, got "1", in f
            {"x": null, "y": 2, "inner": {"count": 3, "label": ""}} | x: expected an integer, got null, in f
            {"x": 1, "y": 2, "inner": {"count": 3, "label": null}} | inner.label: expected text, got null, in f
            {"x": 1, "y": "2", "inner": {"count": 3, "label": ""}} | y: expected a number, got "2", in f
            {"x": 1, "y": 2, "inner": {"count": 3, "label": 4}}  | inner.label: expected text, got 4, in f
            {"x": 1, "y": 2, "inner": [1]} | inner: expected an object as JSON with the keys count, label, got [1], in f
            [1] | settings: expected an object as JSON with the keys x, y, inner, got [1], in f
            """)
    void refusesSettingsThatDoNotFit(String json, String message) {
        assertThatThrownBy(() -> SettingsJson.parse(json, Point.class, "f"))
                .isInstanceOf(SettingsException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"x": 1, "x": 2}  | Duplicate
            {"x": 1           | line 1
            {"x": 1} {}       | line 1
            """)
    void refusesTextThatIsNotOneJsonValue(String json, String part) {
        assertThatThrownBy(() -> SettingsJson.parse(json, Point.class, "f"))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("not valid JSON: ")
                .hasMessageContaining(part)
                .hasMessageEndingWith(", in f")
                .message().doesNotContain("\n");
    }

    @Test
    void refusesEmptyAndMissingFiles(@TempDir Path folder) throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.json"));
        assertThatThrownBy(() -> SettingsJson.load(empty, Point.class))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(empty.toString());
        Path missing = folder.resolve("missing.json");
        assertThatThrownBy(() -> SettingsJson.load(missing, Point.class)).hasMessage("no settings file " + missing);
    }
}
