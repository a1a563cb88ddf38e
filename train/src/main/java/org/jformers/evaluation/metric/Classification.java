package org.jformers.evaluation.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jformers.evaluation.EvaluationException;

/**
 * Figures of a classifier, as scikit-learn defines them, all from the confusion matrix. Labels are those that occur as
 * truth or as prediction.
 *
 * @param labels the labels in ascending order
 * @param confusion row: true label, column: predicted label, in the order of the labels
 */
public record Classification(List<Integer> labels, List<List<Long>> confusion) {
    public Classification {
        labels = List.copyOf(labels);
        confusion = confusion.stream().map(List::copyOf).toList();
    }

    /** Prediction i belongs to truth i; at least one. */
    public static Classification of(int[] truth, int[] predicted) {
        if (truth.length != predicted.length || truth.length == 0) {
            throw new EvaluationException("classification: " + predicted.length + " predictions for " + truth.length
                    + " true labels, allowed: as many of each, one or more");
        }
        List<Integer> labels = IntStream.concat(IntStream.of(truth), IntStream.of(predicted))
                .distinct()
                .sorted()
                .boxed()
                .toList();
        long[][] counts = new long[labels.size()][labels.size()];
        for (int i = 0; i < truth.length; i++) {
            counts[Collections.binarySearch(labels, truth[i])][Collections.binarySearch(labels, predicted[i])]++;
        }
        List<List<Long>> confusion = new ArrayList<>();
        for (long[] row : counts) {
            confusion.add(IntStream.range(0, row.length).mapToObj(j -> row[j]).toList());
        }
        return new Classification(labels, confusion);
    }

    /** The confusion matrix over the labels 0, 1 and so on, also those that do not occur. */
    public List<List<Long>> confusion(int classes) {
        Long[][] counts = new Long[classes][classes];
        for (Long[] row : counts) {
            Arrays.fill(row, 0L);
        }
        for (int i = 0; i < labels.size(); i++) {
            for (int j = 0; j < labels.size(); j++) {
                counts[labels.get(i)][labels.get(j)] = cell(i, j);
            }
        }
        return Arrays.stream(counts).map(List::of).toList();
    }

    public double accuracy() {
        return (double) right() / examples();
    }

    /** Mean recall of the labels that are true at least once. */
    public double balancedAccuracy() {
        return IntStream.range(0, labels.size())
                .filter(i -> row(i) > 0)
                .mapToDouble(i -> (double) cell(i, i) / row(i))
                .average()
                .orElseThrow();
    }

    /** Of one label against the rest; with label 1 this is "binary F1". */
    public PrecisionRecall of(int label) {
        int i = labels.indexOf(label);
        return i < 0 ? PrecisionRecall.of(0, 0, 0) : PrecisionRecall.of(cell(i, i), column(i), row(i));
    }

    public PrecisionRecall average(Average average) {
        return average.of(
                PrecisionRecall.of(right(), examples(), examples()), labels.stream().map(this::of).toList());
    }

    /** Matthews correlation in its form for any number of labels (Gorodkin 2004); 0 when a side has one label only. */
    public double matthews() {
        double examples = examples();
        double both = 0;
        double truth = 0;
        double predicted = 0;
        for (int i = 0; i < labels.size(); i++) {
            both += (double) row(i) * column(i);
            truth += (double) row(i) * row(i);
            predicted += (double) column(i) * column(i);
        }
        double spread = (examples * examples - truth) * (examples * examples - predicted);
        return spread == 0 ? 0 : (right() * examples - both) / Math.sqrt(spread);
    }

    /** Cohen's kappa: agreement beyond chance; NaN when chance alone would agree always. */
    public double cohenKappa() {
        double examples = examples();
        double chance = 0;
        for (int i = 0; i < labels.size(); i++) {
            chance += row(i) / examples * column(i) / examples;
        }
        return (accuracy() - chance) / (1 - chance);
    }

    public long examples() {
        return IntStream.range(0, labels.size()).mapToLong(this::row).sum();
    }

    private long right() {
        return IntStream.range(0, labels.size()).mapToLong(i -> cell(i, i)).sum();
    }

    private long cell(int i, int j) {
        return confusion.get(i).get(j);
    }

    private long row(int i) {
        return confusion.get(i).stream().mapToLong(Long::longValue).sum();
    }

    private long column(int j) {
        return confusion.stream().mapToLong(row -> row.get(j)).sum();
    }

    /** {@code accuracy = 0.7500 macro_f1 = 0.7494 matthews = 0.5025 kappa = 0.5000 (n = 20)}. */
    @Override
    public String toString() {
        return "accuracy = " + Texts.fixed(accuracy(), 4)
                + " macro_f1 = " + Texts.fixed(average(Average.MACRO).f1(), 4)
                + " matthews = " + Texts.fixed(matthews(), 4)
                + " kappa = " + Texts.fixed(cohenKappa(), 4)
                + " (n = " + examples() + ")";
    }
}
