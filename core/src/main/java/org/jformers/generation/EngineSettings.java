package org.jformers.generation;

import org.jformers.nn.attention.CacheKind;

/**
 * How much an {@link Engine} does at once.
 *
 * @param tokens most tokens that all requests at work may have together, prompts included; their keys and values are
 *     what an engine's memory goes to
 * @param chunk most tokens that one step reads of prompts; those of texts that are written come besides
 * @param cache how keys and values are kept
 */
public record EngineSettings(long tokens, int chunk, CacheKind cache) {
    /** No bound but that of the memory, and buffers that grow. */
    public static final EngineSettings DEFAULT = new EngineSettings(Long.MAX_VALUE, 1024, CacheKind.GROWING);

    public EngineSettings {
        if (tokens < 1 || chunk < 1) {
            throw new IllegalArgumentException(
                    "engine: got " + tokens + " tokens, " + chunk + " at once, allowed at least 1 each");
        }
    }

    public EngineSettings withTokens(long most) {
        return new EngineSettings(most, chunk, cache);
    }

    public EngineSettings withChunk(int most) {
        return new EngineSettings(tokens, most, cache);
    }

    public EngineSettings withCache(CacheKind kind) {
        return new EngineSettings(tokens, chunk, kind);
    }
}
