package org.jformers.training;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.jformers.nn.Parameter;

/** What a run trains: whatever has parameters, a mode and files. A model, or several that belong together. */
public interface Trainable {

    /** All parameters by name, frozen ones among them; each once. */
    Map<String, Parameter> parameters();

    /** The names that one of the parameters has in checkpoints, by which settings find it. */
    default Set<String> storedNames(String parameter) {
        return Set.of(parameter);
    }

    /** Dropout on (true) or off. */
    void train(boolean on);

    /** Whether dropout is on. */
    boolean training();

    /**
     * A copy of what it is now, to be written later and on another thread while training goes on; the caller closes it.
     */
    Snapshot snapshot();

    /**
     * Takes over what a snapshot wrote; parameters keep their place in memory.
     *
     * @throws org.jformers.JformersException if the folder does not hold what this is
     */
    void restore(Path folder);

    /** A copy that can be written. Owns its tensors until closed. */
    interface Snapshot extends AutoCloseable {
        /** Writes files into a folder, which is made if need be. */
        void write(Path folder);

        /** How many bytes that takes at least. */
        long bytes();

        @Override
        void close();
    }
}
