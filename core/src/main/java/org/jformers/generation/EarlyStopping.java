package org.jformers.generation;

/** When beam search ends before the length limit; {@code early_stopping} of {@code generation_config.json}. */
public enum EarlyStopping {
    /** When the best running beam, were it to end now, is no better than the worst finished one ({@code false}). */
    HEURISTIC,
    /** As soon as there are as many finished sequences as beams ({@code true}). */
    WHEN_FULL,
    /** Only when no running beam can become better than the worst finished one ({@code "never"}). */
    NEVER
}
