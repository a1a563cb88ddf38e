package org.jformers.model;

import java.util.Map;

/**
 * What a {@code config.json} says. Each family has a record of the keys it understands; a primitive component is
 * required, a boxed one may be missing or null. Everything else stays in {@link #other()} and is saved back.
 *
 * <p>Numbers are checked before a family sees them, by the name and type of the component: an {@code int} is a size or
 * a count (ids by their names, and few others, may be negative), a {@code double} is finite and, by its name, a
 * probability, an epsilon and so on; a {@code long} may be any whole number.
 */
public interface Config {

    /** Keys that the family's record does not name: those all families share, and people's own. */
    Map<String, Object> other();

    /** The keys that all families share. */
    default CommonConfig common() {
        return new CommonConfig(other());
    }
}
