package org.jformers.training;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jformers.training.report.MetricRow;

/**
 * How well a model predicts what it never saw.
 *
 * @param loss mean loss per label, in nats: the model's own, without what is added in training
 * @param accuracy share of the labels that have the highest score; empty where the model does not tell
 * @param others the means of further terms of the objective, by their names, and what share of each is right
 */
public record HeldOutLoss(double loss, OptionalDouble accuracy, Map<String, Double> others) {

    /** The figures by the names that logs give them. */
    public Map<String, Double> measures() {
        Map<String, Double> measures = new LinkedHashMap<>();
        measures.put(MetricRow.LOSS, loss);
        accuracy.ifPresent(share -> measures.put(MetricRow.ACCURACY, share));
        measures.putAll(others);
        return measures;
    }
}
