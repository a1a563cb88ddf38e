package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        List<CountDownLatch> laterOnes = Stream.generate(() -> new CountDownLatch(3)).limit(5).toList();
        Iterator<Supplier<Batch>> batches = IntStream.range(0, 20).<Supplier<Batch>>mapToObj(i -> () -> {
            if (i % 4 == 0) {
                await(laterOnes.get(i / 4));
            } else {
                laterOnes.get(i / 4).countDown();
            }
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
    void worksAheadNoFurtherThanItsDepth() {
        int depth = 3;
        AtomicInteger made = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger furthest = new AtomicInteger();
        Semaphore done = new Semaphore(0);
        Iterator<Supplier<Batch>> endless = Stream.<Supplier<Batch>>generate(() -> () -> {
            int ahead = made.incrementAndGet() - taken.get();
            furthest.accumulateAndGet(ahead, Math::max);
            done.release();
            return batch(0);
        }).iterator();

        try (Prefetcher prefetcher = new Prefetcher(endless, 1, depth)) {
            done.acquireUninterruptibly(depth); // as many lie ready, and one is in the planner's hand
            for (int i = 0; i < 200; i++) {
                done.acquireUninterruptibly();
                taken.incrementAndGet();
                prefetcher.next();
            }
        }
        assertThat(furthest.get()).isEqualTo(depth + 1);
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
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                stopped.countDown();
            }
            return batch(0);
        }).iterator();
        Prefetcher prefetcher = new Prefetcher(endless, 1, 2);
        working.await();

        prefetcher.close();

        stopped.await();
        assertThatThrownBy(prefetcher::next).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        prefetcher.close();
    }

    /** Batches are made while the taker waits for them, which takes 1,000; the taker's own work takes some more. */
    @ParameterizedTest
    @CsvSource({"0, 1.0", "1000, 0.5", "3000, 0.25"})
    void measuresHowLongTheTakerWaited(long ownWork, double share) {
        AtomicLong now = new AtomicLong(5);
        Semaphore waiting = new Semaphore(0);
        AtomicBoolean asks = new AtomicBoolean();
        LongSupplier clock = () -> {
            long time = now.get();
            if (asks.getAndSet(false)) {
                waiting.release();
            }
            return time;
        };
        Iterator<Supplier<Batch>> slow = Stream.<Supplier<Batch>>generate(() -> () -> {
            waiting.acquireUninterruptibly();
            now.addAndGet(1000);
            return batch(0);
        }).iterator();
        Prefetcher prefetcher = new Prefetcher(slow, 1, 1, clock);
        try (prefetcher) {
            assertThat(prefetcher.idleShare()).isZero();
            for (int i = 0; i < 20; i++) {
                now.addAndGet(ownWork);
                asks.set(true);
                prefetcher.next();
            }
            assertThat(prefetcher.idleShare()).isEqualTo(share);
            waiting.release(2); // lets the thread end
        }
    }

    private static Batch batch(long position) {
        return new Batch(Map.of(), 1, 1, position);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
