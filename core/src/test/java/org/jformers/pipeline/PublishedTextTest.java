package org.jformers.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.bytedeco.javacpp.Pointer;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rules of {@link Flow}, for texts. Most run on the caller's thread, which makes them exact. */
@Timeout(60)
final class PublishedTextTest {
    private static final Executor HERE = Runnable::run;
    private static final GenerationConfig SAMPLED =
            GenerationConfig.builder().maxNewTokens(30).doSample(true).topK(0).build();
    private static final TextGeneration WRITER = TinyText.writer();

    @AfterAll
    static void close() {
        WRITER.close();
    }

    /** Writes down what it is told. */
    private static class Recorder implements Flow.Subscriber<String> {
        final List<String> signals = new ArrayList<>();
        final CountDownLatch ended = new CountDownLatch(1);
        final AtomicInteger at = new AtomicInteger();
        Flow.Subscription subscription;
        Consumer<String> hears = piece -> {};

        private void signal(String signal, Runnable body) {
            assertThat(at.incrementAndGet()).as("signals at a time").isEqualTo(1);
            signals.add(signal);
            try {
                body.run();
            } finally {
                at.decrementAndGet();
            }
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            signal("subscribed", () -> {});
        }

        @Override
        public void onNext(String piece) {
            signal("+" + piece, () -> hears.accept(piece));
        }

        @Override
        public void onError(Throwable e) {
            signal("error: " + e.getMessage(), ended::countDown);
        }

        @Override
        public void onComplete() {
            signal("complete", ended::countDown);
        }

        Recorder of(Flow.Publisher<String> text) {
            text.subscribe(this);
            return this;
        }
    }

    private static Flow.Publisher<String> text(Controls controls, Executor executor) {
        return WRITER.publisher("a film", settings -> SAMPLED.with(), controls, executor);
    }

    private static List<String> expected(int seed) {
        List<String> signals = new ArrayList<>(List.of("subscribed"));
        WRITER.stream("a film", SAMPLED, Controls.NONE.withSeed(seed), piece -> signals.add("+" + piece));
        signals.add("complete");
        return signals;
    }

    @Test
    void handsOverAsMuchAsIsAskedForAndWritesOnePieceMore() {
        AtomicInteger tokens = new AtomicInteger();
        Recorder recorder = new Recorder().of(
                text(Controls.NONE.withSeed(1).withListener(id -> tokens.incrementAndGet()), HERE));
        assertThat(recorder.signals).containsExactly("subscribed");
        assertThat(tokens).hasValue(0);
        List<String> expected = expected(1);
        for (int asked = 1; asked <= expected.size() - 2; asked++) {
            recorder.subscription.request(1);
            boolean all = asked == expected.size() - 2;
            assertThat(recorder.signals).isEqualTo(expected.subList(0, all ? asked + 2 : asked + 1));
            assertThat(tokens.get()).isLessThanOrEqualTo(Math.min(30, 4 * asked + 4));
        }
        recorder.subscription.request(1);
        recorder.subscription.cancel();
        assertThat(recorder.signals).isEqualTo(expected).contains("complete");
        assertThat(tokens).hasValue(30);
    }

    @Test
    void asksWithinASignalAndWithoutEndComeInOrder() {
        Recorder one = new Recorder().of(text(Controls.NONE.withSeed(2), HERE));
        one.hears = piece -> one.subscription.request(1);
        one.subscription.request(1);
        assertThat(one.signals).isEqualTo(expected(2));
        Recorder all = new Recorder().of(text(Controls.NONE.withSeed(2), HERE));
        all.hears = piece -> all.subscription.request(Long.MAX_VALUE);
        all.subscription.request(Long.MAX_VALUE);
        assertThat(all.signals).isEqualTo(expected(2));
    }

    @Test
    void aCancelledSubscriptionHearsNothingMoreAndLeavesNothing() {
        new Recorder().of(text(Controls.NONE, HERE)).subscription.request(Long.MAX_VALUE);
        long objects = Pointer.totalCount();
        long bytes = Pointer.totalBytes();
        AtomicInteger tokens = new AtomicInteger();
        Recorder within = new Recorder().of(
                text(Controls.NONE.withSeed(1).withListener(id -> tokens.incrementAndGet()), HERE));
        AtomicInteger told = new AtomicInteger();
        within.hears = piece -> {
            told.set(tokens.get());
            within.subscription.cancel();
        };
        within.subscription.request(Long.MAX_VALUE);
        within.subscription.request(1);
        assertThat(within.signals).isEqualTo(expected(1).subList(0, 2));
        assertThat(tokens).hasValue(told.get());
        Recorder between = new Recorder().of(text(Controls.NONE.withSeed(1), HERE));
        between.subscription.request(2);
        assertThat(Pointer.totalCount()).isGreaterThan(objects);
        between.subscription.cancel();
        between.subscription.request(1);
        assertThat(between.signals).isEqualTo(expected(1).subList(0, 3));
        Recorder before = new Recorder().of(text(Controls.NONE.withSeed(1), HERE));
        before.subscription.cancel();
        before.subscription.request(1);
        assertThat(before.signals).containsExactly("subscribed");
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(objects);
        assertThat(Pointer.totalBytes()).isLessThanOrEqualTo(bytes);
    }

    @Test
    void aSubscriberThatFailsIsToldNothingMore() {
        new Recorder().of(text(Controls.NONE, HERE)).subscription.request(Long.MAX_VALUE);
        long objects = Pointer.totalCount();
        Recorder recorder = new Recorder().of(text(Controls.NONE.withSeed(1), HERE));
        recorder.hears = piece -> {
            throw new IllegalStateException("the subscriber fails");
        };
        recorder.subscription.request(5);
        recorder.subscription.request(5);
        assertThat(recorder.signals).isEqualTo(expected(1).subList(0, 2));
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(objects);
    }

    @Test
    void whatFailsIsToldOnce() {
        Recorder asking = new Recorder().of(text(Controls.NONE.withSeed(1), HERE));
        asking.subscription.request(0);
        asking.subscription.request(-1);
        asking.subscription.request(1);
        assertThat(asking.signals).containsExactly(
                "subscribed", "error: subscription: got a request for less than 1, allowed more");
        Recorder beams = new Recorder().of(WRITER.publisher("a", each -> each.numBeams(2), Controls.NONE, HERE));
        beams.subscription.request(1);
        beams.subscription.request(1);
        assertThat(beams.signals).hasSize(2).last().asString().startsWith("error: generation: got a sequence");
        Recorder rejected = new Recorder().of(text(Controls.NONE, task -> {
            throw new RejectedExecutionException("no thread");
        }));
        rejected.subscription.request(1);
        rejected.subscription.request(1);
        assertThat(rejected.signals).containsExactly("subscribed", "error: no thread");
        assertThatThrownBy(() -> text(Controls.NONE, HERE).subscribe(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void aClosedModelIsAnError() {
        TextGeneration writer = TinyText.writer();
        Recorder recorder = new Recorder().of(
                writer.publisher("a", settings -> SAMPLED.with(), Controls.NONE.withSeed(1), HERE));
        recorder.hears = piece -> writer.close();
        recorder.subscription.request(9);
        assertThat(recorder.signals).hasSize(3).last()
                .isEqualTo("error: GPT2LMHeadModel: got a use after it was closed, allowed before only");
    }

    /** Eight subscribers that ask in small steps from threads of their own, on two threads of the model. */
    @Test
    void manyAtOnceGetWhatOneGetsAndNoThreadIsLeft() throws InterruptedException {
        ExecutorService executor = Executors.newFixedThreadPool(2);
        List<Recorder> recorders = new ArrayList<>();
        List<Thread> askers = new ArrayList<>();
        for (int seed = 0; seed < 8; seed++) {
            Recorder recorder = new Recorder().of(text(Controls.NONE.withSeed(seed), executor));
            recorders.add(recorder);
            askers.add(new Thread(() -> {
                for (int i = 0; i < 31; i++) {
                    recorder.subscription.request(1);
                }
            }));
        }
        askers.forEach(Thread::start);
        for (int seed = 0; seed < 8; seed++) {
            assertThat(recorders.get(seed).ended.await(30, TimeUnit.SECONDS)).isTrue();
            askers.get(seed).join();
        }
        executor.shutdown();
        assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        for (int seed = 0; seed < 8; seed++) {
            assertThat(recorders.get(seed).signals).isEqualTo(expected(seed));
        }
    }

    @Test
    void writesOnTheCommonPoolByItself() throws InterruptedException {
        Recorder recorder = new Recorder().of(WRITER.publisher("a film"));
        recorder.subscription.request(Long.MAX_VALUE);
        assertThat(recorder.ended.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(recorder.signals).last().isEqualTo("complete");
    }
}
