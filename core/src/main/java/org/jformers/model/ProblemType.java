package org.jformers.model;

import java.util.Arrays;
import java.util.Locale;

/** What labels of a sequence mean, and so which loss fits. */
public enum ProblemType {
    /** Numbers; mean squared error. */
    REGRESSION,
    /** One class of several; cross-entropy. */
    SINGLE_LABEL_CLASSIFICATION,
    /** Any number of classes at once; binary cross-entropy. */
    MULTI_LABEL_CLASSIFICATION;

    /** The problem type that configs call {@code name}. */
    public static ProblemType named(String name) {
        for (ProblemType type : values()) {
            if (type.configName().equals(name)) {
                return type;
            }
        }
        throw new ConfigException("problem_type: got " + name + ", allowed "
                + Arrays.stream(values()).map(ProblemType::configName).toList());
    }

    /** What configs call it. */
    public String configName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
