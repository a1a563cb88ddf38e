package org.jformers.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jformers.data.DataException;
import org.jformers.data.DataFile;
import org.jformers.data.DataSource;
import org.jformers.data.ParallelTextSource;
import org.jformers.data.Split;
import org.jformers.data.Table;
import org.jformers.data.corpora.CmuLexicon;
import org.jformers.data.corpora.WordNet;
import org.jformers.experiment.Experiment.DataSettings;

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

    /** Reads the rows and parts them. */
    static HeldOut read(DataSettings data, long seed) {
        return switch (data.source()) {
            case "cmudict" -> split(CmuLexicon.source(), "word", data, seed);
            case "wordnet" -> split(WordNet.source(), "synset", data, seed);
            case "parallel" -> parallel(data);
            default -> split(DataSource.of(Path.of(data.source())), data.sourceColumn(), data, seed);
        };
    }

    private static HeldOut split(DataSource source, String key, DataSettings data, long seed) {
        Set<String> columns = new LinkedHashSet<>();
        columns.add(key);
        columns.add(data.sourceColumn());
        if (data.targetColumn() != null) {
            columns.add(data.targetColumn());
        }
        Table table = Table.read(source, columns.toArray(String[]::new));
        requireShare(new HashSet<>(table.column(key)).size(), key, data);
        Split split = split(table, key, data, seed);
        return new HeldOut(split.train(), split.validation(), split.test(), String.format("%,d", table.dropped()));
    }

    private static Split split(Table table, String key, DataSettings data, long seed) {
        try {
            return Split.of(
                    table, key, new Split.Count(data.validationRows()), new Split.Count(data.testRows()), seed);
        } catch (DataException e) {
            throw new ExperimentException(e.getMessage() + "; see data.validation_rows and data.test_rows", e);
        }
    }

    /** The shipped numbers suit a large corpus; of a small file they would leave little to train on. */
    private static void requireShare(int keys, String key, DataSettings data) {
        long heldOut = (long) data.validationRows() + data.testRows();
        if (keys >= FEW && heldOut < keys && heldOut > keys / 2) {
            throw new ExperimentException(String.format(Locale.ROOT,
                    "data.validation_rows (%d) and data.test_rows (%d): hold out %d of the %d values of %s, allowed at"
                            + " most half, for example --set data.validation_rows=%d --set data.test_rows=%d",
                    data.validationRows(), data.testRows(), heldOut, keys, key, keys / 20, keys / 10));
        }
    }

    /**
     * Files of each language, plain or gzipped: train; val, valid, validation or dev; and those that are left, whatever
     * their name. Where there are more, as in Multi30k, those that begin with test come first, in alphabetical order.
     */
    private static HeldOut parallel(DataSettings data) {
        if (data.dir() == null) {
            throw new ExperimentException("data.dir: got null, allowed a folder with train." + data.sourceColumn()
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
            throw new ExperimentException("data.dir: got " + String.join(", ", names) + " besides train and " + watched
                    + ", allowed one that is held out for the result, or names that begin with test, in " + data.dir());
        }
        String measured = Stream.concat(tests.stream(), names.stream()).findFirst().orElse("test");
        Table test = parallel(data, measured);
        return new HeldOut(training, validation, test, String.format("%,d of train, %,d of %s, %,d of %s",
                training.dropped(), validation.dropped(), watched, test.dropped(), measured));
    }

    /** What stands before the language of files that are there in both. */
    private static Set<String> names(DataSettings data) {
        try (Stream<Path> files = Files.list(Path.of(data.dir()))) {
            String ending = "." + data.sourceColumn();
            return files.map(file -> file.getFileName().toString().replaceFirst("\\.gz$", ""))
                    .filter(name -> name.endsWith(ending))
                    .map(name -> name.substring(0, name.length() - ending.length()))
                    .filter(name -> Stream.of("", ".gz").anyMatch(packed ->
                            Files.exists(Path.of(data.dir(), name + "." + data.targetColumn() + packed))))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new ExperimentException("data.dir: cannot be listed, " + e.getMessage(), e);
        }
    }

    private static Table parallel(DataSettings data, String part) {
        Map<String, DataFile> files = new LinkedHashMap<>();
        for (String language : new String[] {data.sourceColumn(), data.targetColumn()}) {
            Path plain = Path.of(data.dir(), part + "." + language);
            Path packed = Path.of(data.dir(), part + "." + language + ".gz");
            if (!Files.exists(plain) && !Files.exists(packed)) {
                throw new ExperimentException("data.dir: no " + plain.getFileName() + " or " + packed.getFileName()
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
