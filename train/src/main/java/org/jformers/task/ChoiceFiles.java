package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jformers.data.ChoiceQuestions.Columns;
import org.jformers.data.DataFile;
import org.jformers.data.DataSource;
import org.jformers.data.Delimited;
import org.jformers.data.DelimitedSource;
import org.jformers.data.Table;
import org.jformers.experiment.ExperimentException;
import org.jformers.task.MultipleChoice.Data;

/** Reads files of questions with choices as the settings name their columns. */
final class ChoiceFiles {
    private static final String ENDING = "ending";

    private final Data data;

    ChoiceFiles(Data data) {
        this.data = data;
    }

    /** The columns that are asked for; where none are named, those of SWAG. */
    Columns columns() {
        if (data.text() != null && data.choices() != null) {
            return new Columns(data.text(), Optional.ofNullable(data.start()), names(data.choices()), data.label());
        }
        List<String> there = source(Path.of(data.train())).columns();
        List<String> endings = IntStream.iterate(0, i -> i + 1).mapToObj(i -> ENDING + i)
                .takeWhile(there::contains).toList();
        if (!there.containsAll(List.of("sent1", "sent2")) || endings.size() < 2) {
            throw new ExperimentException("task.data.text and task.data.choices: got null, allowed: the columns of the"
                    + " question and of the choices, or a file with sent1, sent2, ending0, ending1; there are: "
                    + String.join(", ", there) + ", in " + data.train());
        }
        return new Columns("sent1", Optional.of("sent2"), endings, data.label());
    }

    /** The rows of a file; those without question, choices or label are left out, and counted. */
    Table table(Path file, Columns columns) {
        List<String> needed = new ArrayList<>(List.of(columns.text(), columns.label(), columns.choices().get(0)));
        List<String> optional = new ArrayList<>(columns.choices().subList(1, columns.choices().size()));
        columns.start().ifPresent(optional::add);
        return Table.read(source(file), needed, optional);
    }

    private DataSource source(Path file) {
        if (data.columns() == null) {
            return DataSource.of(file);
        }
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        if (!name.endsWith(".csv") && !name.endsWith(".tsv")) {
            throw new ExperimentException("task.data.columns: got " + data.columns() + " for " + file
                    + ", allowed: null, for what is neither CSV nor TSV names its columns itself");
        }
        return DelimitedSource.of(DataFile.of(file), (name.endsWith(".csv") ? Delimited.CSV : Delimited.TSV)
                .withColumns(names(data.columns()).toArray(String[]::new)));
    }

    private static List<String> names(String written) {
        return Arrays.stream(written.split(",")).map(String::strip).toList();
    }
}
