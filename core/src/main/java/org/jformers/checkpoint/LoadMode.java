package org.jformers.checkpoint;

/** What stops the loading of weights that do not fit the model exactly. */
public enum LoadMode {
    /** Any difference stops: a parameter without weights, weights without a parameter, other shapes. */
    STRICT,
    /** Other shapes or types stop; missing and unexpected names are reported. */
    DEFAULT,
    /** Nothing stops: parameters of another shape are left as they are, and reported. */
    IGNORE_MISMATCHED
}
