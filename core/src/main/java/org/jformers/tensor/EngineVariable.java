package org.jformers.tensor;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A variable of the environment that the engine reads, with the value that it wants; docs/memory.md says why. A value
 * that is set already stays.
 */
public enum EngineVariable {
    MALLOC_ARENA_MAX("MALLOC_ARENA_MAX", "1", Read.BEFORE_JAVA),
    MALLOC_MMAP_THRESHOLD("MALLOC_MMAP_THRESHOLD_", "17179869184", Read.BEFORE_JAVA),
    MALLOC_TRIM_THRESHOLD("MALLOC_TRIM_THRESHOLD_", "17179869184", Read.BEFORE_JAVA),
    MALLOC_TOP_PAD("MALLOC_TOP_PAD_", "268435456", Read.BEFORE_JAVA),
    MKL_THREADING_LAYER("MKL_THREADING_LAYER", "GNU", Read.AT_FIRST_USE),
    MKL_CBWR("MKL_CBWR", "AUTO,STRICT", Read.AT_FIRST_USE),
    OMP_WAIT_POLICY("OMP_WAIT_POLICY", "PASSIVE", Read.BEFORE_JAVA),
    GOMP_SPINCOUNT("GOMP_SPINCOUNT", "30000", Read.BEFORE_JAVA),
    ONEDNN_PRIMITIVE_CACHE_CAPACITY("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128", Read.AT_FIRST_USE),
    OPENBLAS_THREAD_TIMEOUT("OPENBLAS_THREAD_TIMEOUT", "14", Read.BEFORE_JAVA);

    private final String key;
    private final String wanted;
    private final Read read;

    /** When the engine reads a variable. */
    public enum Read {
        /** While its libraries load or before, when nothing in Java can set it. */
        BEFORE_JAVA,
        /** When it first computes, so that Java can set it. */
        AT_FIRST_USE
    }

    EngineVariable(String key, String wanted, Read read) {
        this.key = key;
        this.wanted = wanted;
        this.read = read;
    }

    /** Its name in the environment. */
    public String key() {
        return key;
    }

    /** The value that the engine wants. */
    public String wanted() {
        return wanted;
    }

    /** When it is read. */
    public Read read() {
        return read;
    }

    /** Those of a kind that an environment lacks. */
    static List<EngineVariable> missing(Read read, Map<String, String> environment) {
        return Stream.of(values())
                .filter(variable -> variable.read == read && !environment.containsKey(variable.key))
                .toList();
    }
}
