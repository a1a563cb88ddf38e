package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class PrefetcherTest {

    @Test
    void givesTheBatchesOfTheStreamInOrder() {
        SequencePairs examples =
                SequencePairs.of(SequencePairsTest.examples(300), 0, 1, new PairBatching(300, 16, 30, 25, 100));
        BatchStream straight = new BatchStream(examples, 2);
        BatchStream behind = new BatchStream(examples, 2);
        straight.skipTo(7);
        behind.skipTo(7);

        try (Prefetcher prefetcher = Prefetcher.of(behind, 3, 4)) {
            for (int i = 0; i < 200; i++) {
                BatchStreamTest.assertSame(prefetcher.next(), straight.next());
            }
        }
    }

    @Test
    void keepsTheOrderWhenLaterBatchesAreDoneFirst() {
        Iterator<Supplier<Batch>> batches = IntStream.range(0, 20).<Supplier<Batch>>mapToObj(i -> () -> {
            sleep(i % 4 == 0 ? 20 : 0);
            return batch(i);
        }).iterator();

        try (Prefetcher prefetcher = new Prefetcher(batches, 4, 8)) {
            for (int i = 0; i < 20; i++) {
                assertThat(prefetcher.next().position()).isEqualTo(i);
            }
            assertThat(prefetcher.hasNext()).isFalse();
            assertThatThrownBy(prefetcher::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void worksAheadNoFurtherThanItsDepth() throws InterruptedException {
        AtomicInteger made = new AtomicInteger();
        Iterator<Supplier<Batch>> endless =
                Stream.<Supplier<Batch>>generate(() -> () -> batch(made.getAndIncrement())).iterator();

        try (Prefetcher prefetcher = new Prefetcher(endless, 1, 3)) {
            prefetcher.next();
            Thread.sleep(100);
            assertThat(made.get()).isBetween(4, 5); // taken, ready, and one in the planner's hand
        }
    }

    @Test
    void throwsAFailureInThePlaceOfItsBatch() {
        DataException cause = new DataException("line 7 is broken");
        Iterator<Supplier<Batch>> batches = List.<Supplier<Batch>>of(() -> batch(0), () -> {
            throw cause;
        }, () -> batch(2)).iterator();

        try (Prefetcher prefetcher = new Prefetcher(batches, 2, 2)) {
            assertThat(prefetcher.next().position()).isZero();
            assertThatThrownBy(prefetcher::next).isInstanceOf(DataException.class)
                    .hasMessage("line 7 is broken").hasCause(cause);
            assertThatThrownBy(prefetcher::next).isInstanceOf(DataException.class);
        }
    }

    @Test
    void throwsAFailureOfThePlan() {
        Iterator<Supplier<Batch>> batches = Stream.<Supplier<Batch>>generate(() -> {
            throw new ArithmeticException("no plan");
        }).iterator();

        try (Prefetcher prefetcher = new Prefetcher(batches, 1, 1)) {
            assertThatThrownBy(prefetcher::next).isInstanceOf(IllegalStateException.class)
                    .hasCauseInstanceOf(ArithmeticException.class);
        }
    }

    @Test
    void closeStopsThreadsThatAreAtWork() throws InterruptedException {
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        Iterator<Supplier<Batch>> endless = Stream.<Supplier<Batch>>generate(() -> () -> {
            working.countDown();
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                stopped.countDown();
            }
            return batch(0);
        }).iterator();
        Prefetcher prefetcher = new Prefetcher(endless, 1, 2);
        working.await();

        long start = System.nanoTime();
        prefetcher.close();

        assertThat(stopped.await(1, TimeUnit.SECONDS)).isTrue();
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(2));
        assertThatThrownBy(prefetcher::next).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        prefetcher.close();
    }

    @Test
    void measuresHowLongTheTakerWaited() {
        Iterator<Supplier<Batch>> slow = Stream.<Supplier<Batch>>generate(() -> () -> {
            sleep(10);
            return batch(0);
        }).iterator();
        try (Prefetcher prefetcher = new Prefetcher(slow, 1, 1)) {
            assertThat(prefetcher.idleShare()).isZero();
            IntStream.range(0, 20).forEach(i -> prefetcher.next());
            assertThat(prefetcher.idleShare()).isBetween(0.7, 1.0);
        }
        Iterator<Supplier<Batch>> fast = Stream.<Supplier<Batch>>generate(() -> () -> batch(0)).iterator();
        try (Prefetcher prefetcher = new Prefetcher(fast, 1, 4)) {
            for (int i = 0; i < 20; i++) {
                prefetcher.next();
                sleep(10);
            }
            assertThat(prefetcher.idleShare()).isBetween(0.0, 0.3);
        }
    }

    private static Batch batch(long position) {
        return new Batch(Map.of(), 1, 1, position);
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
