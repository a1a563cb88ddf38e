package org.jformers.pipeline;

import org.jformers.checkpoint.LoadReport;

/**
 * A model with all that a task needs, from what somebody has to what somebody wants: texts and images in, labels, texts
 * and vectors out. {@link Jformers} opens each kind. May serve several threads, and may be closed while they use it:
 * what runs then ends with its result or with an error that says so, and so does every later call.
 */
public interface Pipeline extends AutoCloseable {

    /** How the model's weights were found in the files that it comes from. */
    LoadReport report();

    /** Frees the model. */
    @Override
    void close();
}
