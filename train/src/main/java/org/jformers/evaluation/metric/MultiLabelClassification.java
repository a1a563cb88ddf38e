package org.jformers.evaluation.metric;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jformers.evaluation.EvaluationException;

/**
 * Figures of a classifier that gives each example any number of labels, as scikit-learn defines them.
 *
 * @param labels of each label against the rest, in the order of their numbers
 * @param all over all decisions
 * @param subsetAccuracy share of the examples whose labels are all right, none missing and none too many
 * @param hammingLoss share of all decisions, one for each example and label, that are wrong
 * @param examples how many
 */
public record MultiLabelClassification(
        List<PrecisionRecall> labels, PrecisionRecall all, double subsetAccuracy, double hammingLoss, int examples) {

    public MultiLabelClassification {
        labels = List.copyOf(labels);
    }

    /**
     * Prediction i belongs to truth i; at least one.
     *
     * @param truth numbers of the labels of each example, each label once
     * @param predicted the same
     * @param classes how many labels there are
     */
    public static MultiLabelClassification of(int[][] truth, int[][] predicted, int classes) {
        if (truth.length != predicted.length || truth.length == 0) {
            throw new EvaluationException("multi-label classification: " + predicted.length + " predictions for "
                    + truth.length + " true sets of labels, allowed: as many of each, one or more");
        }
        long[] right = new long[classes];
        long[] found = new long[classes];
        long[] support = new long[classes];
        int exact = 0;
        for (int i = 0; i < truth.length; i++) {
            boolean[] there = new boolean[classes];
            int hits = 0;
            for (int label : truth[i]) {
                there[label] = true;
                support[label]++;
            }
            for (int label : predicted[i]) {
                found[label]++;
                right[label] += there[label] ? 1 : 0;
                hits += there[label] ? 1 : 0;
            }
            exact += hits == truth[i].length && hits == predicted[i].length ? 1 : 0;
        }
        List<PrecisionRecall> labels = new ArrayList<>();
        for (int label = 0; label < classes; label++) {
            labels.add(PrecisionRecall.of(right[label], found[label], support[label]));
        }
        long rights = Arrays.stream(right).sum();
        long founds = Arrays.stream(found).sum();
        long supports = Arrays.stream(support).sum();
        return new MultiLabelClassification(
                labels,
                PrecisionRecall.of(rights, founds, supports),
                (double) exact / truth.length,
                (founds + supports - 2.0 * rights) / ((double) truth.length * classes),
                truth.length);
    }

    public PrecisionRecall average(Average average) {
        return average.of(all, labels);
    }

    /** {@code micro_f1 = 0.6667 macro_f1 = 0.6500 subset_accuracy = 0.2857 (n = 7)}. */
    @Override
    public String toString() {
        return "micro_f1 = " + Texts.fixed(all.f1(), 4)
                + " macro_f1 = " + Texts.fixed(average(Average.MACRO).f1(), 4)
                + " subset_accuracy = " + Texts.fixed(subsetAccuracy, 4)
                + " (n = " + examples + ")";
    }
}
