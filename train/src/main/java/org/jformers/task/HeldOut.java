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
import java.util.function.Function;
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
import org.jformers.training.report.MetricRow;
import org.jspecify.annotations.Nullable;

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

    /** Names that logs use themselves. */
    private static final Set<String> LOGGED = new TreeSet<>(
            Set.of(MetricRow.TRAIN, MetricRow.EVAL, MetricRow.NORMS));

    /** Of fewer rows than these, any share may be held out. */
    private static final int FEW = 100;

    /** Reads pairs of texts and parts them. */
    static HeldOut pairs(SequenceToSequence.Data data, long seed) {
        return data.isParallel()
                ? parallel(data)
                : split(new Parts(Checks.named("task.data.train", data.train()), data.validation(), data.test(),
                        data.validationRows(), data.testRows()),
                        data::source, seed, data.sourceColumn(), data.targetColumn());
    }

    /** Reads texts and parts them. */
    static HeldOut texts(TextData data, long seed) {
        return split(new Parts(Checks.named("task.data.train", data.train()), data.validation(), data.test(),
                        data.validationRows(), data.testRows()),
                file -> DataSource.of(Path.of(file), data.document()), seed, data.text());
    }

    /** Texts that are read as they are needed: of those to train on the first ones, so many at most. */
    static HeldOut stored(TextData data, int most) {
        Function<String, DataSource> reader = file -> DataSource.of(Path.of(file), data.document());
        DataSource source = reader.apply(Checks.named("task.data.train", data.train()));
        List<String> first;
        try (Stream<List<String>> rows = source.rows(List.of(data.text()))) {
            first = rows.map(row -> row.get(0)).filter(text -> !text.isBlank()).limit(most).toList();
        }
        Table validation = Table.read(
                reader.apply(Checks.named("task.data.validation", data.validation())), data.text());
        Table test = data.test() == null ? validation : Table.read(reader.apply(data.test()), data.text());
        return new HeldOut(Table.of(source.name(), Map.of(data.text(), first)), validation, test,
                String.valueOf(validation.dropped()));
    }

    /**
     * Further texts to watch a run on, by the names of their files without what follows the first point.
     *
     * @throws ExperimentException if two have the same name, or one of those that logs have already
     */
    static Map<String, Table> watched(TextData data) {
        Map<String, Table> tables = new LinkedHashMap<>();
        for (String file : data.watch()) {
            String name = Path.of(file).getFileName().toString().replaceAll("(?<=.)\\..*", "");
            Table table = Table.read(DataSource.of(Path.of(file), data.document()), data.text());
            if (LOGGED.contains(name) || tables.put(name, table) != null) {
                throw new ExperimentException("task.data.watch: got a second " + name
                        + ", allowed files of different names, none of them " + String.join(", ", LOGGED));
            }
            if (table.size() == 0) {
                throw new ExperimentException("task.data.watch: got no texts, in " + file);
            }
        }
        return tables;
    }

    /**
     * Where the parts come from.
     *
     * @param train a file or a corpus
     * @param validation a file; null for rows of train
     * @param test a file; null for rows of train, or those to validate on
     * @param validationRows how many rows of train, 0 for a tenth
     * @param testRows how many rows of train, 0 for those to validate on
     */
    private record Parts(
            String train, @Nullable String validation, @Nullable String test, int validationRows, int testRows) {
        Split.Share validationShare() {
            return validation != null ? Split.Share.count(0)
                    : validationRows == 0 ? Split.Share.fraction(TextFiles.HELD_OUT)
                    : Split.Share.count(validationRows);
        }
    }

    private static HeldOut split(Parts parts, Function<String, DataSource> reader, long seed, String... asked) {
        Optional<Corpus> corpus = Corpus.find(parts.train());
        String key = corpus.map(Corpus::key).orElse(asked[0]);
        Set<String> columns = new LinkedHashSet<>();
        columns.add(key);
        columns.addAll(List.of(asked));
        DataSource rows = corpus.map(Corpus::source).orElseGet(() -> reader.apply(parts.train()));
        Table table = Table.read(rows, columns.toArray(String[]::new));
        Map<String, Table> named = new LinkedHashMap<>();
        if (parts.validation() != null) {
            named.put("validation", Table.read(reader.apply(parts.validation()), asked));
        }
        if (parts.test() != null) {
            named.put("test", Table.read(reader.apply(parts.test()), asked));
        }
        requireShare(new HashSet<>(table.column(key)).size(), key, parts);
        Split split = split(table, key, parts, seed);
        Table validation = named.getOrDefault("validation", split.validation());
        Table test = named.getOrDefault("test", parts.testRows() == 0 ? validation : split.test());
        StringBuilder blank = new StringBuilder(String.format("%,d", table.dropped()));
        named.forEach((part, file) -> blank.append(String.format(", %,d of %s", file.dropped(), part)));
        return new HeldOut(split.train(), validation, test, blank.toString());
    }

    private static Split split(Table table, String key, Parts parts, long seed) {
        try {
            return Split.of(table, key, parts.validationShare(), Split.Share.count(parts.testRows()), seed);
        } catch (DataException e) {
            throw new ExperimentException(
                    e.getMessage() + "; see task.data.validation_rows and task.data.test_rows", e);
        }
    }

    /** The shipped numbers suit a large corpus; of a small file they would leave little to train on. */
    private static void requireShare(int keys, String key, Parts parts) {
        long heldOut = (long) parts.validationRows() + parts.testRows();
        if (keys >= FEW && heldOut < keys && heldOut > keys / 2) {
            throw new ExperimentException(String.format(Locale.ROOT,
                    "task.data.validation_rows (%d) and task.data.test_rows (%d): hold out %d of the %d values"
                    + " of %s, allowed at"
                            + " most half, for example --set task.data.validation_rows=%d --set task.data.test_rows=%d",
                    parts.validationRows(), parts.testRows(), heldOut, keys, key, keys / 20, keys / 10));
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
        return String.format("%,d rows to train on, %,d to validate on, %s; left out without text: %s",
                training.size(), validation.size(), test == validation
                        ? "the result is measured on them too"
                        : String.format("%,d held out for the result", test.size()),
                blank);
    }
}
