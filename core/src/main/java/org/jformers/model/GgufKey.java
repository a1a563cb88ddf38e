package org.jformers.model;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Something that the head of a GGUF file and {@code config.json} both say, each in its way. */
public interface GgufKey {
    /**
     * Adds what the file says to the configuration.
     *
     * @throws org.jformers.JformersException if the file lacks it, or the family does not compute so
     */
    void read(GgufHead file, ObjectNode config);

    /**
     * Adds what the configuration says to the file.
     *
     * @throws ConfigException if llama.cpp does not compute so
     */
    void write(ObjectNode config, GgufValues file);
}
