package org.jformers.experiment;

import java.util.List;

/**
 * Brings experiments under names of their own. Modules list theirs as services in {@code META-INF/services}; two
 * experiments of one name are an error.
 */
public interface ExperimentProvider {

    /** The experiments, in the order of listing. */
    List<Experiment> experiments();
}
