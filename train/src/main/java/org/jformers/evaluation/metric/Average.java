package org.jformers.evaluation.metric;

import java.util.List;

/** How precision, recall and F1 of the labels become one. */
public enum Average {
    /** Over all decisions; equals accuracy where each example has one label. */
    MICRO,
    /** The labels weigh alike. */
    MACRO,
    /** A label weighs as often as it is true. */
    WEIGHTED;

    PrecisionRecall of(PrecisionRecall all, List<PrecisionRecall> labels) {
        return switch (this) {
            case MICRO -> all;
            case MACRO -> PrecisionRecall.mean(labels);
            case WEIGHTED -> PrecisionRecall.weightedMean(labels);
        };
    }
}
