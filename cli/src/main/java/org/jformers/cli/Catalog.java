package org.jformers.cli;

import java.util.Map;
import org.jformers.settings.SettingsTree;

/** The experiments that a command can name. */
public interface Catalog {

    /** What each experiment does, by name, in the order of listing. */
    Map<String, String> descriptions();

    /**
     * The settings of an experiment.
     *
     * @throws org.jformers.JformersException if there is none of that name; names the nearest
     */
    SettingsTree<?> find(String name);
}
