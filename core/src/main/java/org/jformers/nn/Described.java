package org.jformers.nn;

/** A spec, which reads as a tree of its parts. Implemented by records. */
public interface Described {

    /**
     * The spec as an indented tree, a line for each part: {@code name = Type[value=..., ...]}, equal layers together.
     */
    default String describe() {
        return String.join("\n", SpecLines.of("", (Record) this));
    }
}
