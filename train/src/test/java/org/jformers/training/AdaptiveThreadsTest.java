package org.jformers.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.jformers.tensor.Engine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Steps of given lengths, by the number of threads that the engine has at the time. */
final class AdaptiveThreadsTest {
    private final int before = Engine.currentThreads();
    private double onOne;
    private double onAll;

    @BeforeEach
    void twoThreads() {
        Engine.useThreads(2);
    }

    @AfterEach
    void asBefore() {
        Engine.useThreads(before);
    }

    /** Takes steps, and returns how many of them ran on one thread. */
    private int steps(AdaptiveThreads threads, int count) {
        int alone = 0;
        for (int i = 0; i < count; i++) {
            boolean one = Engine.currentThreads() == 1;
            alone += one ? 1 : 0;
            threads.afterStep(null, new StepReport(i + 1, 1, Map.of(), 1, 1, 1, one ? onOne : onAll));
        }
        return alone;
    }

    @Test
    void stayWhereAllAreFaster() {
        onAll = 0.1;
        onOne = 0.17;
        try (AdaptiveThreads threads = new AdaptiveThreads()) {
            int alone = steps(threads, 1000);
            assertThat(alone).isBetween(4, 20);
            assertThat(Engine.currentThreads()).isEqualTo(2);
        }
    }

    @Test
    void becomeOneBesideABusyCoreAndAllAgainBehindIt() {
        onAll = 0.1;
        onOne = 0.17;
        try (AdaptiveThreads threads = new AdaptiveThreads()) {
            steps(threads, 60);
            assertThat(Engine.currentThreads()).isEqualTo(2);
            onAll = 0.7; // somebody takes a core: noticed at once
            steps(threads, 20);
            assertThat(Engine.currentThreads()).isEqualTo(1);
            assertThat(steps(threads, 200)).isGreaterThan(180);
            onAll = 0.1; // and gives it back: noticed at the next trial
            steps(threads, 500);
            assertThat(Engine.currentThreads()).isEqualTo(2);
        }
    }

    @Test
    void areGivenBack() {
        onAll = 0.7;
        onOne = 0.17;
        try (AdaptiveThreads threads = new AdaptiveThreads()) {
            steps(threads, 20);
            assertThat(Engine.currentThreads()).isEqualTo(1);
        }
        assertThat(Engine.currentThreads()).isEqualTo(2);
    }
}
