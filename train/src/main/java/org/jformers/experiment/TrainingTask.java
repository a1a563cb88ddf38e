package org.jformers.experiment;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.annotation.JsonTypeIdResolver;

/**
 * What a model is to learn, as settings: its data, how they become batches, and how the result is measured. A record
 * whose components say with {@link org.jformers.settings.Setting} what they are; in {@code experiment.json} it stands
 * with its name as {@code type}. {@link TaskType} makes a task known.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.CUSTOM, property = TrainingTask.TYPE)
@JsonTypeIdResolver(TaskTypes.Resolver.class)
public interface TrainingTask {
    /** The key of the name. */
    String TYPE = "type";

    /**
     * Refuses settings that do not fit together, before any data is read: a run of an hour must not fail at its end.
     *
     * @param experiment the experiment that this is the task of
     * @throws org.jformers.JformersException naming the first setting that does not fit
     */
    void check(Experiment experiment);

    /**
     * Reads the data.
     *
     * @param start what the run starts from
     * @param console where to say what was found and what was left out
     * @throws org.jformers.JformersException if the data do not fit
     */
    PreparedTask prepare(RunStart start, Console console);
}
