package org.jformers.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
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
 */
record HeldOut(Table training, Table validation, Table test) {

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
        java.util.Set<String> columns = new java.util.LinkedHashSet<>();
        columns.add(key);
        columns.add(data.sourceColumn());
        if (data.targetColumn() != null) {
            columns.add(data.targetColumn());
        }
        Table table = Table.read(source, columns.toArray(String[]::new));
        Split split = Split.of(
                table, key, new Split.Count(data.validationRows()), new Split.Count(data.testRows()), seed);
        return new HeldOut(split.train(), split.validation(), split.test());
    }

    /** Files train, val and test_2016_flickr of each language, as Multi30k names them, plain or gzipped. */
    private static HeldOut parallel(DataSettings data) {
        if (data.dir() == null) {
            throw new ExperimentException("data.dir: got null, allowed a folder with train." + data.sourceColumn()
                    + "[.gz], val and test_2016_flickr; Multi30k (task 1, raw) is at github.com/multi30k/dataset");
        }
        return new HeldOut(
                parallel(data, "train"), parallel(data, "val"), parallel(data, "test_2016_flickr"));
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
        return String.format("%,d rows to train on, %,d to validate on, %,d held out for the result; %,d without text",
                training.size(), validation.size(), test.size(), training.dropped());
    }
}
