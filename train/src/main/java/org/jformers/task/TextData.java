package org.jformers.task;

import static org.jformers.task.Checks.named;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jformers.data.Corpus;
import org.jformers.data.TextSource;
import org.jformers.experiment.ExperimentException;
import org.jformers.settings.Setting;
import org.jspecify.annotations.Nullable;

/** Where the texts of a language model come from. */
public record TextData(
        @Setting("texts to train on: a .txt file or a folder of them; a column of a CSV, TSV, JSONL or Parquet file; a"
                + " corpus such as wordnet")
                @Nullable String train,
        @Setting("texts to watch the run on; null for some of those to train on") @Nullable String validation,
        @Setting("texts to measure the result on; null for some of those to train on, or those to watch the run on")
                @Nullable String test,
        @Setting("column of the text") String text,
        @Setting("what one text of a .txt file is: line, paragraph (blank lines between) or file")
                TextSource.Document document,
        @Setting("texts held out to watch the run where no file is named; 0 for a tenth") int validationRows,
        @Setting("texts held out for the result where no file is named; 0 for those to watch the run on")
                int testRows,
        @Setting("further files to watch the run on, each by itself, under its name") List<String> watch,
        @Setting("folder to keep the tokens of the texts to train on in, for more texts than memory holds; null for the"
                + " memory")
                @Nullable String store) {

    public TextData {
        watch = List.copyOf(watch);
    }

    /** Without further files, in memory. */
    public TextData(
            @Nullable String train,
            @Nullable String validation,
            @Nullable String test,
            String text,
            TextSource.Document document,
            int validationRows,
            int testRows) {
        this(train, validation, test, text, document, validationRows, testRows, List.of(), null);
    }

    /** What has no usual value is null. */
    static TextData defaults() {
        return new TextData(null, null, null, "text", TextSource.Document.LINE, 0, 0);
    }

    void check() {
        checkStored();
        if (store != null) {
            throw new ExperimentException("task.data.store: got " + store
                    + ", allowed null but for causal-lm whose texts are one stream (task.packing)");
        }
    }

    /** The same of a task that may read its texts from a store. */
    void checkStored() {
        named("task.data.train", train);
        named("task.data.text", text);
        Checks.heldOut("validation", validation, validationRows);
        Checks.heldOut("test", test, testRows);
        if (store != null) {
            named("task.data.validation", validation);
            if (Corpus.find(named("task.data.train", train)).isPresent() || testRows > 0 || validationRows > 0) {
                throw new ExperimentException("task.data.store: got " + store + " for " + train + " with "
                        + validationRows + " and " + testRows
                        + " rows held out, allowed files, with files of their own to validate and test on");
            }
            if (Path.of(store).toAbsolutePath().startsWith(Path.of(named("task.data.train", train)).toAbsolutePath())) {
                throw new ExperimentException(
                        "task.data.store: got " + store + ", allowed a folder outside of " + train);
            }
        }
    }

    /** The files of the texts to train on. */
    List<Path> files() {
        Path path = Path.of(named("task.data.train", train));
        try (Stream<Path> below = Files.walk(path)) {
            return below.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new ExperimentException("task.data.train: got " + path + ", which cannot be read", e);
        }
    }
}
