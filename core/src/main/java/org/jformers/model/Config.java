package org.jformers.model;

import java.util.Map;

/**
 * What a {@code config.json} says. Each family has a record of the keys it understands; a primitive component is
 * required, a boxed one may be missing or null. Everything else stays in {@link #other()} and is saved back.
 */
public interface Config {

    /** Keys that the family's record does not name: those all families share, and people's own. */
    Map<String, Object> other();

    /** The keys that all families share. */
    default CommonConfig common() {
        return new CommonConfig(other());
    }
}
