package org.jformers.task;

import static org.jformers.task.Checks.named;

import java.util.List;
import org.jformers.data.TextSource;
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
        @Setting("further files to watch the run on, each by itself, under its name") List<String> watch) {

    public TextData {
        watch = List.copyOf(watch);
    }

    /** Without further files. */
    public TextData(
            @Nullable String train,
            @Nullable String validation,
            @Nullable String test,
            String text,
            TextSource.Document document,
            int validationRows,
            int testRows) {
        this(train, validation, test, text, document, validationRows, testRows, List.of());
    }

    /** What has no usual value is null. */
    static TextData defaults() {
        return new TextData(null, null, null, "text", TextSource.Document.LINE, 0, 0);
    }

    void check() {
        named("task.data.train", train);
        named("task.data.text", text);
        Checks.heldOut("validation", validation, validationRows);
        Checks.heldOut("test", test, testRows);
    }
}
