package org.jformers.generation;

import java.util.Map;
import java.util.Set;
import org.jformers.model.ConfigException;

/** Settings by the names of the reference (transformers, {@code GenerationConfig}), as calls of its pipelines do. */
public final class NamedSettings {

    private NamedSettings() {}

    /** The names that {@link #change} takes: those of settings, and others that may be there without effect. */
    public static Set<String> names() {
        return GenerationConfigJson.NAMES;
    }

    /**
     * Settings with others in place of some.
     *
     * @param named values as JSON has them; null is the default
     * @throws ConfigException for a value that a setting does not have, and for a setting that is not supported
     */
    public static GenerationConfig change(GenerationConfig settings, Map<String, ?> named) {
        return GenerationConfigJson.changed(settings, named);
    }
}
