package org.jformers.task;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jformers.data.Batch;
import org.jformers.data.RowExamples;
import org.jformers.data.Table;
import org.jformers.experiment.Console;

/**
 * Texts as rows to train on, to watch the run on, and to measure the result on.
 *
 * @param rows the texts
 * @param training rows to train on
 * @param validation rows to watch the loss on
 * @param test rows to measure the result on
 * @param watched further rows to watch, by name
 */
record TextExamples(
        HeldOut rows, RowExamples training, RowExamples validation, RowExamples test,
        Map<String, RowExamples> watched) {

    /**
     * Reads texts, makes rows of them and says how many there are.
     *
     * @param maxLength tokens of a row at most
     * @param rows makes rows of texts
     */
    static TextExamples of(
            TextData data, long seed, int maxLength, Function<List<String>, RowExamples> rows, Console console) {
        HeldOut texts = HeldOut.texts(data, seed);
        console.say(texts.toString());
        Function<Table, RowExamples> examples = table -> rows.apply(table.column(data.text()));
        RowExamples training = examples.apply(texts.training());
        RowExamples validation = examples.apply(texts.validation());
        RowExamples test = texts.test() == texts.validation() ? validation : examples.apply(texts.test());
        Map<String, RowExamples> watched = new LinkedHashMap<>();
        HeldOut.watched(data).forEach((name, table) -> watched.put(name, examples.apply(table)));
        TextFigures.lengths(console, training.size(), training::length, 0, maxLength);
        console.say(String.format(Locale.ROOT, "%,d texts in %,d rows to train on, %,d in %,d to validate on",
                texts.training().size(), training.size(), texts.validation().size(), validation.size()));
        return new TextExamples(texts, training, validation, test, watched);
    }

    /** The batches of what is watched besides. */
    Map<String, Iterable<Batch>> watchedBatches() {
        Map<String, Iterable<Batch>> batches = new LinkedHashMap<>();
        watched.forEach((name, examples) -> batches.put(name, examples.evaluationBatches()));
        return batches;
    }
}
