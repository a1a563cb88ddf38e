package org.jformers.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a family writes into a GGUF file beside its weights: hyperparameters, and tensors that follow from them. */
public final class GgufValues {
    private final String architecture;
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final Map<String, float[]> tensors = new LinkedHashMap<>();

    GgufValues(String architecture) {
        this.architecture = architecture;
        values.put("general.architecture", architecture);
    }

    /**
     * Notes a value.
     *
     * @param key without the name of the architecture
     * @param value an {@link Integer}, {@link Float}, {@link Boolean} or {@link String}
     */
    public void put(String key, Object value) {
        values.put(architecture + "." + key, value);
    }

    /** Notes a value under its whole key. */
    public void add(String key, Object value) {
        values.put(key, value);
    }

    /** Notes a vector. */
    public void tensor(String name, float[] vector) {
        tensors.put(name, vector);
    }

    /** What to throw where llama.cpp does not compute what the configuration says. */
    public ConfigException unsupported(String key, Object got, Object allowed) {
        return new ConfigException(
                "gguf: got " + key + " " + got + ", which llama.cpp does not do, allowed " + allowed);
    }

    /** The values by their names in the file. */
    public Map<String, Object> values() {
        return Collections.unmodifiableMap(values);
    }

    /** The vectors by their names. */
    public Map<String, float[]> tensors() {
        return Collections.unmodifiableMap(tensors);
    }
}
