package org.jformers.experiment;

/**
 * Makes a kind of task known. Modules list theirs as services in {@code META-INF/services}; two of one name are an
 * error.
 */
public interface TaskType {

    /** What experiments and {@code --task} call it, such as {@code text-classification}. */
    String name();

    /**
     * The task with its usual settings; what has no usual value, such as the file to train on, is null. Its class is
     * the class of all tasks of this type.
     */
    TrainingTask defaults();
}
