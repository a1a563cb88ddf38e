package org.jformers.pipeline;

/** How tokens with a label become entities. */
public enum Aggregation {
    /** Each token is an entity. */
    NONE(false),
    /** Neighbours with one label are; a {@code B-} begins a new one. */
    SIMPLE(false),
    /** The same, where the tokens of a word have the label of its first one. */
    FIRST(true),
    /** The same, where the tokens of a word have the label that is the best on average. */
    AVERAGE(true),
    /** The same, where the tokens of a word have the label of the one that is the surest. */
    MAX(true);

    private final boolean words;

    Aggregation(boolean words) {
        this.words = words;
    }

    /** Whether the tokens of a word get one label. */
    boolean words() {
        return words;
    }
}
