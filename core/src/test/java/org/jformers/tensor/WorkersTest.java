package org.jformers.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

final class WorkersTest {
    private static final int THREADS = 3;
    private final Workers workers = new Workers(THREADS);

    @Test
    void doesEachPieceOnceOnThreadsWhoseOperatorsHaveOneThread() {
        AtomicIntegerArray times = new AtomicIntegerArray(1000);
        Set<Integer> operatorThreads = ConcurrentHashMap.newKeySet();

        workers.run(times.length(), i -> {
            times.incrementAndGet(i);
            operatorThreads.add(Engine.currentThreads());
        });

        for (int i = 0; i < times.length(); i++) {
            assertThat(times.get(i)).isOne();
        }
        assertThat(operatorThreads).containsExactly(1);
    }

    @Test
    void doesPiecesSideBySide() {
        CountDownLatch together = new CountDownLatch(THREADS);

        workers.run(THREADS, i -> {
            together.countDown();
            assertThat(waited(together)).isTrue();
        });

        assertThat(together.getCount()).isZero();
    }

    @Test
    void leavesTheThreadsOfOperatorsElsewhereAsTheyWere() throws InterruptedException {
        int here = Engine.currentThreads();
        new Workers(2).run(2, i -> { });

        assertThat(Engine.currentThreads()).isEqualTo(here);
        int[] later = new int[1];
        Thread thread = new Thread(() -> later[0] = Engine.currentThreads());
        thread.start();
        thread.join();
        assertThat(later[0]).isEqualTo(here);
    }

    @Test
    void throwsWhatAPieceThrewAndLeavesOutTheRest() {
        AtomicInteger begun = new AtomicInteger();

        assertThatThrownBy(() -> workers.run(100_000, i -> {
            begun.incrementAndGet();
            throw new IllegalStateException("piece " + i);
        })).isInstanceOf(IllegalStateException.class).hasMessageStartingWith("piece ");
        assertThat(begun.get()).isLessThanOrEqualTo(THREADS);

        workers.run(5, i -> begun.set(-1));
        assertThat(begun.get()).isEqualTo(-1);
    }

    @Test
    void waitsForPiecesAlthoughInterrupted() {
        AtomicInteger done = new AtomicInteger();
        Thread.currentThread().interrupt();

        workers.run(20, i -> done.incrementAndGet());

        assertThat(Thread.interrupted()).isTrue();
        assertThat(done.get()).isEqualTo(20);
    }

    @Test
    void runsPiecesOfPiecesInPlace() {
        AtomicInteger done = new AtomicInteger();

        workers.run(THREADS * 4, i -> Workers.each(3, j -> done.incrementAndGet()));

        assertThat(done.get()).isEqualTo(THREADS * 4 * 3);
    }

    private static boolean waited(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
