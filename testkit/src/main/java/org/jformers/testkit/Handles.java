package org.jformers.testkit;

import org.assertj.core.api.Assertions;
import org.bytedeco.javacpp.Pointer;
import org.jformers.tensor.Scopes;

/** Counts native objects, to find those that nobody frees. */
public final class Handles {
    private static final int WARM_UP = 2;
    private static final int RUNS = 10;

    private Handles() {}

    /** Runs {@code body} a few times, each time in a scope of its own, and expects no native object to stay. */
    public static void assertNoGrowth(Runnable body) {
        for (int i = 0; i < WARM_UP; i++) {
            Scopes.run(body);
        }
        long before = Pointer.totalCount();
        for (int i = 0; i < RUNS; i++) {
            Scopes.run(body);
        }
        Assertions.assertThat(Pointer.totalCount())
                .as("native objects after %s more runs", RUNS)
                .isLessThanOrEqualTo(before);
    }
}
