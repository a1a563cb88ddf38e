package org.jformers.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jformers.data.LabelSet;
import org.jformers.experiment.ExperimentException;
import org.jspecify.annotations.Nullable;

/** Weights of classes as settings write them. */
final class ClassWeights {
    private static final String BALANCED = "balanced";

    private ClassWeights() {}

    /**
     * The weights in the order of the labels.
     *
     * @param written null for none; {@code balanced}: rows / (classes x rows of the class), as scikit-learn has it; or
     *     weights by label, the others 1
     * @param counts rows of each class
     */
    static Optional<List<Double>> of(@Nullable String written, LabelSet labels, long[] counts) {
        if (written == null) {
            return Optional.empty();
        }
        if (written.equals(BALANCED)) {
            long all = Arrays.stream(counts).sum();
            long classes = Arrays.stream(counts).filter(count -> count > 0).count();
            return Optional.of(Arrays.stream(counts)
                    .mapToObj(count -> count == 0 ? 1.0 : (double) all / (classes * count)).toList());
        }
        List<Double> weights = new ArrayList<>(Collections.nCopies(labels.size(), 1.0));
        for (String part : written.split(",")) {
            int equals = part.lastIndexOf('=');
            if (equals < 1) {
                throw malformed(written);
            }
            weights.set(labels.id(part.substring(0, equals).strip(), () -> "task.class_weights"),
                    weight(part.substring(equals + 1).strip(), written));
        }
        return Optional.of(weights);
    }

    private static double weight(String number, String written) {
        try {
            double weight = Double.parseDouble(number);
            if (weight > 0 && Double.isFinite(weight)) {
                return weight;
            }
        } catch (NumberFormatException e) {
            throw malformed(written);
        }
        throw malformed(written);
    }

    private static ExperimentException malformed(String written) {
        return new ExperimentException("task.class_weights: got " + written
                + ", allowed null, balanced, or weights > 0 such as positive=2,negative=1");
    }
}
