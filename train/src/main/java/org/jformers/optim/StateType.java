package org.jformers.optim;

/** In which numbers an optimizer keeps what is as large as the parameters. */
public enum StateType {
    /** As it computes. */
    FLOAT32,
    /**
     * Half the memory. What is stored is rounded up or down at random, more often to the nearer side, so that changes
     * smaller than the numbers tell apart are not lost: a second moment, which changes by a thousandth a step, would
     * stand still otherwise. Steps take longer.
     */
    BFLOAT16
}
