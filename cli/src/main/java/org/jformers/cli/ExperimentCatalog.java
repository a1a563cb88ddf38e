package org.jformers.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.Experiments;
import org.jformers.settings.SettingsJson;
import org.jformers.settings.SettingsTree;

/** The experiments that the class path brings, and those in files: an experiment.json of a run folder runs again. */
final class ExperimentCatalog implements Catalog {

    @Override
    public Map<String, String> descriptions() {
        Map<String, String> descriptions = new LinkedHashMap<>();
        Experiments.all().forEach((name, experiment) -> descriptions.put(name, experiment.description()));
        return descriptions;
    }

    @Override
    public SettingsTree<Experiment> find(String name) {
        if (!name.endsWith(".json")) {
            return SettingsTree.of(Experiments.of(name));
        }
        Path file = Path.of(name);
        if (!Files.isRegularFile(file)) {
            throw new ExperimentException("experiment: no such file " + name);
        }
        return SettingsTree.of(SettingsJson.load(file, Experiment.class));
    }
}
