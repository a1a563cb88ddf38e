package org.jformers.experiment;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.jformers.settings.Nearest;

/** The experiments that the class path brings, by name. A variant is another one with the settings that differ. */
public final class Experiments {
    private Experiments() {}

    /**
     * All experiments by name, in the order of listing.
     *
     * @throws ExperimentException if two have one name
     */
    public static Map<String, Experiment> all() {
        List<Experiment> all = new ArrayList<>();
        ServiceLoader.load(ExperimentProvider.class).forEach(provider -> all.addAll(provider.experiments()));
        return Collections.unmodifiableMap(TaskTypes.byName(all, Experiment::name, "experiment"));
    }

    /**
     * The experiment of that name.
     *
     * @throws ExperimentException naming the nearest ones
     */
    public static Experiment of(String name) {
        Map<String, Experiment> all = all();
        if (!all.containsKey(name)) {
            throw new ExperimentException("experiment: got " + name + ", nearest "
                    + Nearest.to(name, all.keySet()) + ", allowed " + all.keySet());
        }
        return all.get(name);
    }
}
