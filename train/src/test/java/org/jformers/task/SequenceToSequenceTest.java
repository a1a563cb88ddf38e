package org.jformers.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jformers.JformersException;
import org.jformers.experiment.ExperimentRun;
import org.jformers.pipeline.Translation;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An encoder-decoder goes on to learn: which animal a sentence is about, and what it does. */
final class SequenceToSequenceTest {
    @TempDir
    private Path folder;

    private Path rows() {
        return TinyStart.table(folder.resolve("rows.tsv"), "text\tgist", 240,
                s -> s.text() + "\t" + s.animal() + " " + s.deed() + "s");
    }

    private static FineTuning quick(FineTuning any) {
        return TinyWriter.quick(any).batch(16).epochs(8)
                .set("task.batches.max_source_length", "39").set("task.batches.max_target_length", "12")
                .set("task.evaluation.beams", "2").set("task.evaluation.generated_rows", "8");
    }

    private FineTuning tuning(String family) {
        return quick(FineTuning.of(TinyWriter.encoderDecoder(folder, family).toString())
                .translate(rows(), "text", "gist"));
    }

    @ParameterizedTest
    @CsvSource({
        "bart, chrf, 0.1, '', chrF2 ", "t5, rouge, 0, 'gist: ', ROUGE-L ",
        "marian, error_rate, 0, '', symbol error rate"
    })
    void learnsToWrite(String family, String measure, double smoothing, String prefix, String headline) {
        Path run = folder.resolve("run");
        ExperimentRun.Result result = tuning(family).set("task.evaluation.measure", measure)
                .set("training.label_smoothing", Double.toString(smoothing))
                .set("task.data.prefix", prefix.isEmpty() ? "null" : '"' + prefix + '"').run(run);
        assertThat(result.headline()).startsWith(headline);
        List<Map<String, Double>> measured = MetricLog.read(run.resolve("metrics.jsonl")).stream()
                .filter(row -> row.split().equals(MetricRow.EVAL)).map(MetricRow::values).toList();
        assertThat(measured).allSatisfy(row -> assertThat(row).containsKeys("loss", "accuracy", measure));
        assertThat(measured.get(measured.size() - 1).get("loss")).isLessThan(0.5 * measured.get(0).get("loss"));
        assertThat(result.commands().get(0).line()).startsWith("./jformers translate --model ").contains(prefix);
        try (Translation translation = Translation.load(run.resolve("model"))) {
            assertThat(translation.config().numBeams()).isEqualTo(2);
            assertThat(translation.translate(prefix + "the old fox sleeps").text()).isNotBlank();
        }
    }

    /** What a run made is what another starts from, its two tokenizers among it. */
    @Test
    void readsParallelFilesAndSaysWhatIsLeftOut() {
        Path sources = TinyWriter.lines(folder.resolve("train.a"), 60,
                s -> s.text().hashCode() % 9 == 0 ? "" : s.text());
        Path targets = TinyWriter.lines(folder.resolve("train.b"), 60, s -> s.animal().equals("fox") ? "fox fox fox fox"
                + " fox fox fox fox fox fox fox fox fox" : s.animal());
        TinyStart.write(folder.resolve("dev.a"), List.of("a fox", "", "a dog"));
        TinyStart.write(folder.resolve("dev.b"), List.of("fox", "dog", ""));
        List<String> said = new ArrayList<>();
        FineTuning tuning = quick(FineTuning.of(TinyWriter.encoderDecoder(folder, "bart").toString())
                .translate(sources, targets)).epochs(1)
                .set("task.data.validation", folder.resolve("dev.a") + "," + folder.resolve("dev.b"));
        ExperimentRun.plan(tuning.experiment(), Consoles.saying(said));
        assertThat(said.get(0)).matches("\\d+ rows to train on, 1 to validate on, the result is measured on them too;"
                + " left out without text: [1-9]\\d*, 2 of validation");
        assertThat(said.get(1)).matches("vocabulary of \\d+ tokens; \\d+ pairs to train on, [1-9]\\d* too long;"
                + " 1 to validate on, 0 too long; 1 held out, all measured");
        TinyStart.write(folder.resolve("dev.b"), List.of("fox"));
        assertThatThrownBy(() -> tuning.run(folder.resolve("run"))).isInstanceOf(JformersException.class)
                .hasMessageContaining("different numbers of lines: " + folder.resolve("dev.a") + " has 3, "
                        + folder.resolve("dev.b") + " has 1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            task.data.source_column=none        | no column "none", there are: text, gist
            task.data.target_column=text        | task.data.target_column: got text, which is the source_column too
            task.batches.max_source_length=41   | task.batches.max_source_length: got 41, allowed up to 40
            task.data.source_language=en_XX     | task.data.source_language: got en_XX for a tokenizer
            task.tokenizer={"source":"symbols","target":"symbols","vocab_size":0} | task.tokenizer: got one with a
            model.from=null                     | task.tokenizer: got null without a model to start from
            task.batch=-1                       | task.batch: got -1, allowed >= 0
            task.evaluation.generated_rows=-1   | task.evaluation.generated_rows: got -1, allowed >= 0
            """)
    void refusesWhatDoesNotFit(String assignment, String message) {
        int equals = assignment.indexOf('=');
        FineTuning wrong = tuning("bart").set(assignment.substring(0, equals), assignment.substring(equals + 1));
        Path run = folder.resolve("run");
        assertThatThrownBy(() -> wrong.run(run)).isInstanceOf(JformersException.class)
                .hasMessageContaining(message).message().doesNotContain("\n");
        assertThat(run).doesNotExist();
    }

    @Test
    void refusesADecoder() {
        assertThatThrownBy(() -> quick(FineTuning.of(TinyWriter.llama(folder).toString())
                .translate(rows(), "text", "gist")).run(folder.resolve("run")))
                .isInstanceOf(JformersException.class).hasMessageStartingWith("llama: got task SEQ2SEQ_LM, allowed");
    }
}
