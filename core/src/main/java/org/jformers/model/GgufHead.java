package org.jformers.model;

import java.util.List;
import java.util.Optional;
import org.jformers.text.gguf.GgufMetadata;

/**
 * The head of a GGUF file as a family reads it: hyperparameters by their names without that of the architecture.
 *
 * @param metadata all that the head says
 */
public record GgufHead(GgufMetadata metadata) {
    /** What llama.cpp calls the kind of model. */
    public String architecture() {
        return metadata.text("general.architecture");
    }

    /** Whether it says something under that key. */
    public boolean has(String key) {
        return metadata.has(key(key));
    }

    /** A number of things. Throws {@link org.jformers.JformersException} if it is not there, as do all of these. */
    public int size(String key) {
        long size = metadata.integer(key(key));
        if (size != (int) size) {
            throw unsupported(key, size, "at most " + Integer.MAX_VALUE);
        }
        return (int) size;
    }

    /** A number of things, if it is there. */
    public int size(String key, int otherwise) {
        return has(key) ? size(key) : otherwise;
    }

    /** A number as the shortest decimal that float32 reads as the same. */
    public double real(String key) {
        return Double.parseDouble(Float.toString((float) metadata.real(key(key))));
    }

    /** A number, if it is there. */
    public double real(String key, double otherwise) {
        return has(key) ? real(key) : otherwise;
    }

    /** A text, if it is there. */
    public String text(String key, String otherwise) {
        return metadata.text(key(key), otherwise);
    }

    /** The shape of a tensor, slowest dimension first. */
    public Optional<List<Long>> shape(String tensor) {
        return metadata.tensors().stream()
                .filter(entry -> entry.name().equals(tensor))
                .map(GgufMetadata.TensorEntry::shape)
                .findFirst();
    }

    /** Whether the file has a tensor. */
    public boolean hasTensor(String tensor) {
        return shape(tensor).isPresent();
    }

    /** What to throw where a value is not one that the family computes with. */
    public ConfigException unsupported(String key, Object got, Object allowed) {
        return new ConfigException(
                "gguf: got " + key(key) + " " + got + ", allowed " + allowed + ", in " + metadata.file());
    }

    private String key(String key) {
        return architecture() + "." + key;
    }
}
