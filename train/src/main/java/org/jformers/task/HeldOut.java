package org.jformers.task;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jformers.data.Corpus;
import org.jformers.data.DataException;
import org.jformers.data.DataFile;
import org.jformers.data.DataSource;
import org.jformers.data.ParallelTextSource;
import org.jformers.data.Split;
import org.jformers.data.Table;
import org.jformers.experiment.ExperimentException;

/**
 * The rows of an experiment: those to train on, to watch the loss on, and to measure the result on.
 *
 * @param training rows to train on
 * @param validation rows to watch the loss on
 * @param test rows to measure the result on
 * @param blank what is said of rows that were left out because one of their texts is blank
 */
record HeldOut(Table training, Table validation, Table test, String blank) {
    /** Names under which corpora keep the rows to validate on, the best known first. */
    private static final List<String> VALIDATION = List.of("val", "valid", "validation", "dev");

    /** Of fewer rows than these, any share may be held out. */
    private static final int FEW = 100;

    /** Reads pairs of texts and parts them. */
    static HeldOut pairs(SequenceToSequence.Data data, long seed) {
        return data.isParallel()
                ? parallel(data)
                : split(data.source(), new Counts(data.validationRows(), data.testRows()), seed, data.sourceColumn(),
                        data.targetColumn());
    }

    /** Reads texts and parts them. */
    static HeldOut texts(CausalLanguageModel.Data data, long seed) {
        return split(data.source(), new Counts(data.validationRows(), data.testRows()), seed, data.column());
    }

    /** How many rows are held out. */
    private record Counts(int validationRows, int testRows) {}

    private static HeldOut split(String source, Counts counts, long seed, String... asked) {
        Optional<Corpus> corpus = Corpus.find(source);
        String key = corpus.map(Corpus::key).orElse(asked[0]);
        Set<String> columns = new LinkedHashSet<>();
        columns.add(key);
        columns.addAll(List.of(asked));
        DataSource rows = corpus.map(Corpus::source).orElseGet(() -> DataSource.of(Path.of(source)));
        Table table = Table.read(rows, columns.toArray(String[]::new));
        requireShare(new HashSet<>(table.column(key)).size(), key, counts);
        Split split = split(table, key, counts, seed);
        return new HeldOut(split.train(), split.validation(), split.test(), String.format("%,d", table.dropped()));
    }

    private static Split split(Table table, String key, Counts counts, long seed) {
        try {
            return Split.of(
                    table, key, new Split.Count(counts.validationRows()), new Split.Count(counts.testRows()), seed);
        } catch (DataException e) {
            throw new ExperimentException(
                    e.getMessage() + "; see task.data.validation_rows and task.data.test_rows", e);
        }
    }

    /** The shipped numbers suit a large corpus; of a small file they would leave little to train on. */
    private static void requireShare(int keys, String key, Counts counts) {
        long heldOut = (long) counts.validationRows() + counts.testRows();
        if (keys >= FEW && heldOut < keys && heldOut > keys / 2) {
            throw new ExperimentException(String.format(Locale.ROOT,
                    "task.data.validation_rows (%d) and task.data.test_rows (%d): hold out %d of the %d values"
                    + " of %s, allowed at"
                            + " most half, for example --set task.data.validation_rows=%d --set task.data.test_rows=%d",
                    counts.validationRows(), counts.testRows(), heldOut, keys, key, keys / 20, keys / 10));
        }
    }

    /**
     * Files of each language, plain or gzipped: train; val, valid, validation or dev; and those that are left, whatever
     * their name. Where there are more, as in Multi30k, those that begin with test come first, in alphabetical order.
     */
    private static HeldOut parallel(SequenceToSequence.Data data) {
        if (data.dir() == null) {
            throw new ExperimentException("task.data.dir: got null, allowed a folder with train." + data.sourceColumn()
                    + "[.gz], val and test; Multi30k (task 1, raw) is at github.com/multi30k/dataset");
        }
        Table training = parallel(data, "train");
        Set<String> names = names(data);
        String watched = VALIDATION.stream().filter(names::contains).findFirst().orElse(VALIDATION.get(0));
        Table validation = parallel(data, watched);
        names.remove("train");
        VALIDATION.forEach(names::remove);
        List<String> tests = names.stream().filter(name -> name.startsWith("test")).toList();
        if (tests.isEmpty() && names.size() > 1) {
            throw new ExperimentException("task.data.dir: got " + String.join(", ", names) + " besides train and "
                    + watched
                    + ", allowed one that is held out for the result, or names that begin with test, in " + data.dir());
        }
        String measured = Stream.concat(tests.stream(), names.stream()).findFirst().orElse("test");
        Table test = parallel(data, measured);
        return new HeldOut(training, validation, test, String.format("%,d of train, %,d of %s, %,d of %s",
                training.dropped(), validation.dropped(), watched, test.dropped(), measured));
    }

    /** What stands before the language of files that are there in both. */
    private static Set<String> names(SequenceToSequence.Data data) {
        try (Stream<Path> files = Files.list(Path.of(data.dir()))) {
            String ending = "." + data.sourceColumn();
            return files.map(file -> file.getFileName().toString().replaceFirst("\\.gz$", ""))
                    .filter(name -> name.endsWith(ending))
                    .map(name -> name.substring(0, name.length() - ending.length()))
                    .filter(name -> Stream.of("", ".gz").anyMatch(packed ->
                            Files.exists(Path.of(data.dir(), name + "." + data.targetColumn() + packed))))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new ExperimentException("task.data.dir: cannot be listed, " + e.getMessage(), e);
        }
    }

    private static Table parallel(SequenceToSequence.Data data, String part) {
        Map<String, DataFile> files = new LinkedHashMap<>();
        for (String language : new String[] {data.sourceColumn(), data.targetColumn()}) {
            Path plain = Path.of(data.dir(), part + "." + language);
            Path packed = Path.of(data.dir(), part + "." + language + ".gz");
            if (!Files.exists(plain) && !Files.exists(packed)) {
                throw new ExperimentException("task.data.dir: no " + plain.getFileName() + " or " + packed.getFileName()
                        + " in " + data.dir() + "; Multi30k (task 1, raw) is at github.com/multi30k/dataset");
            }
            files.put(language, DataFile.of(Files.exists(plain) ? plain : packed));
        }
        return Table.read(new ParallelTextSource(files), data.sourceColumn(), data.targetColumn());
    }

    @Override
    public String toString() {
        return String.format("%,d rows to train on, %,d to validate on, %,d held out for the result;"
                        + " left out without text: %s",
                training.size(), validation.size(), test.size(), blank);
    }
}
