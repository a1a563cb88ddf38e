package org.jformers.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jformers.JformersException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTreeTest {
    private final SettingsTree<Sample> tree = SettingsTree.of(Sample.example());

    @Test
    void showsEverySettingInTheOrderOfDeclaration() {
        assertThat(tree.toString()).isEqualTo("""
                name = demo
                seed = 42
                verbose = false
                optimizer.learning_rate = 0.0003
                optimizer.beta1 = 0.9
                optimizer.warmup_steps = 100
                schedule.type = cosine
                schedule.steps = 1000
                layers[0].width = 8
                layers[0].kind = plain
                layers[1].width = 16
                layers[1].kind = gated
                languages = ["en","de"]
                precision = float32
                folder = runs/demo
                pause = PT1M30S
                limit = null
                clipping = null
                smoothing = null
                config.n_layer = 6
                config.dropout = 0.1
                config.activation = relu
                config.tied = true
                weights.loss = 1.0
                """);
    }

    @Test
    void showsWhatTheSettingsAre() {
        assertThat(tree.entries())
                .filteredOn(entry -> !entry.documentation().isEmpty())
                .extracting(entry -> entry.path() + ": " + entry.documentation())
                .containsExactly(
                        "name: what it is called",
                        "optimizer.learning_rate: step size, > 0",
                        "optimizer.beta1: of the first moment, in [0, 1)",
                        "schedule.steps: where it ends, in steps");
    }

    @Test
    void takesEveryValueThatItShows() {
        List<String> names = List.of("", "null", "\"quoted\"", " blank ", "a\nb", "12", "true", "a = b", "µ \\");
        for (String name : names) {
            String shown = SettingsTree.of(withName(Sample.example(), name)).entries().get(0).value();
            assertThat(tree.with("name", shown).value().name()).isEqualTo(name);
        }
        for (SettingsTree.Entry entry : tree.entries()) {
            assertThat(tree.with(entry.path(), entry.value())).as(entry.path()).isEqualTo(tree);
        }
    }

    @Test
    void setsValuesOfEveryType() {
        Sample changed = tree
                .with("name", "other name")
                .with("seed", "9000000000")
                .with("verbose", "true")
                .with("optimizer.learning_rate", "3e-5")
                .with("optimizer.beta1", ".5")
                .with("optimizer.warmup_steps", "0")
                .with("schedule", "{\"type\": \"constant\"}")
                .with("layers[0].width", "32")
                .with("layers.1.kind", "wide")
                .with("languages", "[\"fr\"]")
                .with("languages[0]", "it")
                .with("precision", "bfloat16")
                .with("folder", "/tmp/x y")
                .with("pause", "5m")
                .with("limit", "7")
                .with("clipping", "{\"norm\": 1}")
                .with("smoothing", "0.1")
                .with("config.n_layer", "12")
                .with("config.activation", "12")
                .with("weights.loss", "2")
                .value();
        ObjectNode config = Sample.example().config();
        config.put("n_layer", 12).put("activation", "12");
        assertThat(changed).isEqualTo(new Sample(
                "other name", 9_000_000_000L, true, new Sample.Optimizer(3e-5, 0.5, 0), new Sample.Constant(),
                List.of(new Sample.Layer(32, "plain"), new Sample.Layer(16, "wide")), List.of("it"),
                Sample.Precision.BFLOAT16, Path.of("/tmp/x y"), Duration.ofMinutes(5), Optional.of(7),
                Optional.of(new Sample.Clipping(1)), 0.1, config, Map.of("loss", 2.0)));
    }

    @Test
    void setsNothingAgain() {
        SettingsTree<Sample> set = tree.with("limit", "7").with("clipping", "{\"norm\": 1}").with("smoothing", "1");
        assertThat(set).isNotEqualTo(tree);
        assertThat(set.with("limit", "null").with("clipping", "null").with("smoothing", "null")).isEqualTo(tree);
    }

    @Test
    void leavesTheOriginalAsItWas() {
        tree.with("config.n_layer", "12").with("layers[0].width", "1");
        assertThat(tree.value()).isEqualTo(Sample.example());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            optimizer.learnin_rate  | unknown setting optimizer.learnin_rate; nearest: optimizer.learning_rate
            learning_rate           | unknown setting learning_rate; nearest: optimizer.learning_rate
            optimiser.learning_rate | unknown setting optimiser.learning_rate; nearest: optimizer.learning_rate
            optimizer.learningRate  | unknown setting optimizer.learningRate; nearest: optimizer.learning_rate
            optmizer                | unknown setting optmizer; nearest: optimizer
            name.first              | unknown setting name.first
            layers.width            | unknown setting layers.width; nearest: layers[0].width, layers[1].width
            zzz                     | unknown setting zzz
            config.n_layers         | unknown setting config.n_layers; nearest: config.n_layer
            optimizer.fast          | unknown setting optimizer.fast; nearest: optimizer, optimizer.beta1
            layers[2].width         | layers: index 2 out of range, the list has 2 elements
            layers[99999999999]     | layers: index 99999999999 out of range, the list has 2 elements
            clipping.norm           | clipping is not set: set it as a whole, an object as JSON with the keys norm
            a..b                    | not a path of a setting: 'a..b', expected a form like a.b or a[0].b
            layers[x]               | not a path of a setting: 'layers[x]', expected a form like a.b or a[0].b
            """)
    void refusesUnknownPaths(String path, String message) {
        refused(path, "1").hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            optimizer.warmup_steps  | 1.5    | optimizer.warmup_steps: expected an integer, got 1.5
            optimizer.warmup_steps  | 1e3    | optimizer.warmup_steps: expected an integer, got 1000.0
            optimizer.warmup_steps  | many   | optimizer.warmup_steps: expected an integer, got many
            optimizer.warmup_steps  | "3"    | optimizer.warmup_steps: expected an integer, got "3"
            optimizer.warmup_steps  | null   | optimizer.warmup_steps: expected an integer, got null
            limit                   | 3000000000 | limit: expected a smaller number, got 3000000000
            optimizer.learning_rate | fast   | optimizer.learning_rate: expected a number, got fast
            optimizer.learning_rate | true   | optimizer.learning_rate: expected a number, got true
            optimizer.learning_rate | NaN    | optimizer.learning_rate: expected a number, got NaN
            optimizer.learning_rate | 1 2    | optimizer.learning_rate: expected a number, got 1 2
            optimizer.learning_rate | -1     | optimizer: learning_rate must be > 0, got -1.0
            verbose                 | 1      | verbose: expected true or false, got 1
            verbose                 | yes    | verbose: expected true or false, got yes
            precision               | float8 | precision: expected one of float32, bfloat16, got "float8"
            pause                   | soon   | pause: expected a duration such as 90s, 5m or 2h, got "soon"
            limit                   | 1.5    | limit: expected an integer, got 1.5
            languages               | en     | languages: expected a list as JSON, such as [1, 2], got en
            languages               | [1]    | languages[0]: expected text, got 1
            schedule                | {"type":"cosine","step":1}|unknown setting schedule.step; nearest: schedule.steps
            schedule                | {"type": "cosine"} | missing setting schedule.steps
            config.n_layer          | 1.5    | config.n_layer: expected an integer, got 1.5
            config.dropout          | none   | config.dropout: expected a number, got none
            config.tied             | 1      | config.tied: expected true or false, got 1
            config                  | 1      | config: expected an object as JSON, got 1
            schedule.type           | null   | schedule.type: expected text, got null
            schedule                | {"steps": 1} | missing setting schedule.type
            name                    | null   | name: expected text, got null
            pause                   | null   | pause: expected a duration such as 90s, 5m or 2h, got null
            folder                  | null   | folder: expected a path, got null
            precision               | null   | precision: expected one of float32, bfloat16, got null
            languages               | null   | languages: expected a list as JSON, such as [1, 2], got null
            languages               | ["en", null] | languages[1]: expected text, got null
            layers[0].kind          | null   | layers[0].kind: expected text, got null
            schedule                | null   | schedule: expected an object as JSON, got null
            config                  | null   | config: expected an object as JSON, got null
            weights                 | null   | weights: expected an object as JSON, got null
            """)
    void refusesValuesOfAnotherType(String path, String text, String message) {
        refused(path, text).hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"type\": \"noam\"}", "{}", "cosine", "{\"type\": \"constant\", \"steps\": 1}"})
    void refusesVariantsThatDoNotExist(String text) {
        refused("schedule", text).hasMessageContaining("schedule").message().doesNotContain("\n");
    }

    @Test
    void limitsFreePartsToTheirTemplate() {
        ObjectNode template = Sample.example().config();
        template.put("n_head", 8).putNull("window").putObject("rope").put("theta", 1e4);
        SettingsTree<Sample> limited = tree.limiting("config", template);
        assertThat(limited.with("config.n_head", "4").value().config().get("n_head").intValue()).isEqualTo(4);
        assertThat(limited.with("config.window", "128").value().config().get("window").intValue()).isEqualTo(128);
        assertThatThrownBy(() -> limited.with("config.n_haed", "4"))
                .hasMessage("unknown setting config.n_haed; nearest: config.n_head");
        assertThatThrownBy(() -> limited.with("config.n_head", "four"))
                .hasMessage("config.n_head: expected an integer, got four");
        assertThatThrownBy(() -> limited.with("config", "{\"n_lair\": 1}"))
                .hasMessage("unknown setting config.n_lair; nearest: config.n_layer");
        assertThatThrownBy(() -> limited.with("config.rope", "{\"base\": 1}"))
                .hasMessage("unknown setting config.rope.base; nearest: config.rope.theta");
        assertThatThrownBy(() -> tree.limiting("config", JsonNodeFactory.instance.objectNode().put("n_layer", 1)))
                .hasMessageStartingWith("unknown setting config.");
    }

    @Test
    void tellsWhatDiffers() {
        SettingsTree<Sample> other = tree
                .with("optimizer.learning_rate", "0.01")
                .with("schedule", "{\"type\": \"constant\"}")
                .with("config", "{\"n_layer\": 6, \"dropout\": 0.1, \"activation\": \"relu\", \"n_head\": 2}");
        assertThat(tree.differencesTo(tree)).isEmpty();
        assertThat(tree.differencesTo(other)).extracting(Object::toString).containsExactly(
                "optimizer.learning_rate: 0.0003 -> 0.01",
                "schedule.type: cosine -> constant",
                "schedule.steps: 1000 -> (absent)",
                "config.tied: true -> (absent)",
                "config.n_head: (absent) -> 2");
    }

    private AbstractThrowableAssert<?, ? extends Throwable> refused(String path, String text) {
        return assertThatThrownBy(() -> tree.with(path, text)).isInstanceOf(JformersException.class);
    }

    private static Sample withName(Sample s, String name) {
        return new Sample(
                name, s.seed(), s.verbose(), s.optimizer(), s.schedule(), s.layers(), s.languages(), s.precision(),
                s.folder(), s.pause(), s.limit(), s.clipping(), s.smoothing(), s.config(), s.weights());
    }
}
