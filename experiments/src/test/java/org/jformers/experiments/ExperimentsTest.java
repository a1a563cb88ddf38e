package org.jformers.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.jformers.JformersException;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.ExperimentRun;
import org.jformers.experiment.Experiments;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TaskTypes;
import org.jformers.settings.SettingsException;
import org.jformers.settings.SettingsJson;
import org.jformers.settings.SettingsTree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ExperimentsTest {

    static Collection<Experiment> all() {
        return Experiments.all().values();
    }

    @Test
    void theFirstHourNamesEachThatIsShipped() throws IOException {
        assertThat(Files.readString(Path.of("../docs/getting-started.md"))).contains(Experiments.all().keySet());
        assertThat(Experiments.all()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("all")
    void survivesTheTripThroughJson(Experiment experiment) {
        String json = SettingsJson.print(experiment);
        assertThat(SettingsJson.parse(json, Experiment.class, "test")).isEqualTo(experiment);
        assertThat(SettingsJson.print(SettingsJson.parse(json, Experiment.class, "test"))).isEqualTo(json);
    }

    @ParameterizedTest
    @MethodSource("all")
    void fitsTogether(Experiment experiment) {
        assertThatCode(() -> ExperimentRun.check(experiment)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @MethodSource("all")
    void documentsItsSettings(Experiment experiment) {
        assertThat(SettingsTree.of(experiment).entries()).hasSizeGreaterThan(35)
                .filteredOn(entry -> entry.documentation().isEmpty())
                .allMatch(entry -> entry.path().startsWith("model.config."));
    }

    /** Each setting, and each part that holds some, set to null is taken or refused by its name. */
    @ParameterizedTest
    @MethodSource("all")
    void refusesNullWhereAValueIsNeeded(Experiment experiment) {
        nullIsTakenOrRefused(experiment);
    }

    @ParameterizedTest
    @MethodSource("types")
    void refusesNullWhereATaskNeedsAValue(TaskType type) {
        Experiment some = Experiments.all().values().iterator().next();
        nullIsTakenOrRefused(new Experiment(some.name(), some.description(), some.seed(), type.defaults(), some.model(),
                some.optimizer(), some.schedule(), some.training(), some.records()));
    }

    static Collection<TaskType> types() {
        return TaskTypes.all().values();
    }

    private static void nullIsTakenOrRefused(Experiment experiment) {
        SettingsTree<Experiment> settings = SettingsTree.of(experiment);
        Set<String> paths = new TreeSet<>();
        for (SettingsTree.Entry entry : settings.entries()) {
            for (int dot = entry.path().indexOf('.'); dot > 0; dot = entry.path().indexOf('.', dot + 1)) {
                paths.add(entry.path().substring(0, dot));
            }
            paths.add(entry.path());
        }
        int refused = 0;
        for (String path : paths) {
            try {
                ExperimentRun.check(settings.with(path, "null").value());
            } catch (JformersException e) {
                refused++;
                if (e instanceof SettingsException) {
                    assertThat(e).hasMessageStartingWith(path + ": expected ").hasMessageEndingWith(", got null");
                }
            }
        }
        assertThat(refused).isGreaterThan(20);
    }

    @Test
    void changesAndCompares() {
        SettingsTree<Experiment> before = SettingsTree.of(Experiments.of("g2p.quickstart"));
        SettingsTree<Experiment> after = TinyExperiment.with(
                before, "training.steps=7", "model.config.d_model=64", "optimizer.kind=adam",
                        "training.max_duration=2m");
        assertThat(before.differencesTo(after)).extracting(Object::toString).containsExactly(
                "model.config.d_model: " + entry(before, "model.config.d_model") + " -> 64",
                "optimizer.kind: muon -> adam",
                "training.steps: " + before.value().training().steps() + " -> 7",
                "training.max_duration: " + entry(before, "training.max_duration") + " -> "
                        + entry(after, "training.max_duration"));
        assertThat(after.value().training().maxDuration()).hasMinutes(2);
    }

    private static String entry(SettingsTree<?> settings, String path) {
        return settings.entries().stream().filter(e -> e.path().equals(path)).findFirst().orElseThrow().value();
    }

    @Test
    void answersAnUnknownKeyWithTheNearest() {
        SettingsTree<Experiment> settings = SettingsTree.of(Experiments.of("lm.wordnet"));
        assertThatThrownBy(() -> settings.with("training.step", "1")).isInstanceOf(SettingsException.class)
                .hasMessage("unknown setting training.step; nearest: training.steps");
        assertThatThrownBy(() -> settings.with("learning_rate", "1")).hasMessageContaining("schedule.learning_rate");
        assertThatThrownBy(() -> settings.with("training.steps", "many"))
                .hasMessageContaining("training.steps: expected an integer, got many");
        assertThatThrownBy(() -> settings.with("optimizer.kind", "newton"))
                .hasMessageContaining("optimizer.kind: expected one of adam, adamw, adamw_amsgrad, adamw_uncorrected,")
                .hasMessageContaining("got \"newton\"");
    }

    @Test
    void answersAnUnknownNameWithTheNearest() {
        assertThatThrownBy(() -> Experiments.of("g2p.quickstar")).isInstanceOf(ExperimentException.class)
                .hasMessage("experiment: got g2p.quickstar, nearest [g2p.quickstart], allowed "
                        + Experiments.all().keySet());
    }

    @Test
    void saysWhereTheTranslationsCanBeHad(@TempDir Path folder) {
        SettingsTree<Experiment> settings = SettingsTree.of(Experiments.of("mt.multi30k.en-de"));
        assertThatThrownBy(() -> ExperimentRun.start(settings.value(), folder.resolve("run"), Console.SILENT))
                .isInstanceOf(ExperimentException.class).hasMessageStartingWith("task.data.dir: got null,"
                + " allowed a folder")
                .hasMessageContaining("github.com/multi30k/dataset");
        Experiment elsewhere = settings.with("task.data.dir", folder.toString()).value();
        assertThatThrownBy(() -> ExperimentRun.start(elsewhere, folder.resolve("run"), Console.SILENT))
                .hasMessageStartingWith("task.data.dir: no train.en or train.en.gz in " + folder)
                .hasMessageContaining("github.com/multi30k/dataset");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    /** No data is needed to see that a setting does not fit: the table that these name does not exist. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            model.config.nhead=3 | d_model (16) must be a positive multiple of nhead (3)
            model.config.dropout=1.5 | key dropout has an unsupported value, got 1.5, allowed between 0 and 1
            model.config.activation=softmax | activation: got softmax, allowed
            model.config.model_type=gpt5 | model_type: got gpt5, allowed [vaswani,\s
            model.config.model_type=bert | bert: key hidden_size is missing
            optimizer.epsilon=0 | epsilon 0.0
            schedule.warmup_steps=13 | schedule.warmup_steps: got 13, allowed 0 to training.steps (12)
            """)
    void refusesSettingsBeforeDataIsRead(String assignment, String message, @TempDir Path folder) {
        Experiment experiment =
                TinyExperiment.with(TinyExperiment.pronunciation(folder.resolve("none.csv")), assignment).value();
        assertThatThrownBy(() -> ExperimentRun.start(experiment, folder.resolve("run"), Console.SILENT))
                .isInstanceOf(JformersException.class).hasMessageContaining(message.strip());
    }

    /** What does not fit is refused before anything is read or written. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.batches.tokens=0 | task.batches.tokens: got 0, allowed >= 24, which max_source_length (12) and
            task.batches.max_target_length=17 | task.batches.max_target_length: got 17, allowed up to model.config.max
            task.batches.max_source_length=17 | task.batches.max_source_length: got 17, allowed up to model.config.max
            task.batches.pool=0 | task.batches.pool: got 0, allowed >= 1
            task.tokenizer.source=byte_bpe | tokenizer: got byte_bpe on one side only, allowed on both sides
            task.data.test_rows=-1 | task.data.test_rows: got -1, allowed >= 0
            task.data.validation_rows=-1 | task.data.validation_rows: got -1, allowed >= 0
            task.data.target_column="" | task.data.target_column: got nothing, a name is needed
            task.data.test_rows=200 | split: 200 test and 10 validation values of word leave nothing
            task.data.source_column=wort | there are: word, sounds
            task.evaluation.beams=0 | task.evaluation.beams: got 0, allowed >= 1
            records.log_every=0 | records.log_every: got 0, allowed >= 1
            records.keep_checkpoints=0 | records.keep_checkpoints: got 0, allowed >= 1
            schedule.learning_rate=0 | schedule.learning_rate: got 0.0, allowed > 0
            schedule.warmup_steps=13 | schedule.warmup_steps: got 13, allowed 0 to training.steps (12)
            model.config.nhead=3 | d_model (16) must be a positive multiple of nhead (3)
            model.config.dropout=1.5 | key dropout has an unsupported value, got 1.5, allowed between 0 and 1
            model.config.activation=softmax | activation: got softmax, allowed
            model.config.model_type=gpt5 | model_type: got gpt5, allowed [vaswani, 
            optimizer.epsilon=0 | epsilon 0.0
            """)
    void refusesWhatDoesNotFit(String assignment, String message, @TempDir Path folder) {
        Experiment experiment =
                TinyExperiment.with(TinyExperiment.pronunciation(TinyExperiment.table(folder)), assignment).value();
        Path run = folder.resolve("run");
        assertThatThrownBy(() -> ExperimentRun.start(experiment, run, Console.SILENT))
                .isInstanceOf(JformersException.class).hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
        assertThat(run).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.batch=0 | task.batch: got 0, allowed >= 1
            task.max_length=17 | task.max_length: got 17, allowed up to model.config.n_positions (16)
            task.vocab_size=100 | task.vocab_size: got 100, allowed >= 257
            schedule.kind=noam | schedule.kind: got noam for a model without d_model
            """)
    void refusesALanguageModelThatDoesNotFit(String assignment, String message, @TempDir Path folder) {
        Experiment experiment =
                TinyExperiment.with(TinyExperiment.languageModel(TinyExperiment.table(folder)), assignment).value();
        assertThatThrownBy(() -> ExperimentRun.start(experiment, folder.resolve("run"), Console.SILENT))
                .isInstanceOf(JformersException.class).hasMessageContaining(message);
        assertThat(folder.resolve("run")).doesNotExist();
    }
}
