package org.jformers.nn.mask;

/**
 * What a query sees where the distance of a key says it all.
 *
 * @param behind how many places before its own it sees, at least 0
 * @param ahead how many behind its own, at least 0
 */
public record Band(long behind, long ahead) {
    /** Farther than any text is long. */
    public static final long ALL = 1L << 40;

    public Band {
        behind = Math.min(behind, ALL);
        ahead = Math.min(ahead, ALL);
    }

    /** What both see. */
    Band and(Band other) {
        return new Band(Math.min(behind, other.behind), Math.min(ahead, other.ahead));
    }

    /**
     * The same for some queries and keys, without the bounds that none of them meets.
     *
     * @param first place of the first query among the keys
     */
    Band among(long first, long queries, Span keys) {
        return new Band(
                first + queries - 1 - keys.start() <= behind ? ALL : behind,
                keys.end() - 1 - first <= ahead ? ALL : ahead);
    }

    boolean isEverything() {
        return behind == ALL && ahead == ALL;
    }

    /** Whether nothing is seen but the past, all of it. */
    boolean isCausal() {
        return behind == ALL && ahead == 0;
    }
}
