package org.jformers.model;

import java.util.List;
import java.util.Map;
import org.jformers.checkpoint.WeightMap;

/**
 * A family of models as a translation: its {@code config.json} into specs of shared parts, and the names in its
 * checkpoints into ours. Families hold data, never tensor code; docs/adding-a-family.md walks through one.
 *
 * @param <C> the record of the config's keys
 */
public interface ModelFamily<C extends Config> {

    /** The family's {@code model_type}. */
    String modelType();

    /** The record that {@code config.json} is read into. */
    Class<C> configType();

    /** Class names in checkpoints ({@code architectures}) and what each is for. */
    Map<String, Task> architectures();

    /**
     * The model as data. Throws {@link ConfigException} for a value or a combination that the family does not do.
     *
     * @param task one of those that {@link #architectures()} names
     */
    ModelSpec spec(C config, Task task);

    /** Names in checkpoints and our parameter names, both ways. */
    WeightMap weights(C config, Task task);

    /** How llama.cpp keeps these models, in each of the forms that it has; none where it does not know them. */
    default List<GgufForm<C>> gguf() {
        return List.of();
    }
}
