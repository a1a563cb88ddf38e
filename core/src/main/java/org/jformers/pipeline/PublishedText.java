package org.jformers.pipeline;

import java.util.Iterator;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jformers.generation.Cancellation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a text for each subscriber, in the pieces of {@link TextPieces}. One piece more is there than was asked for,
 * so that the end is told with the last of them; then the model waits, and no thread with it.
 */
final class PublishedText implements Flow.Publisher<String> {
    private static final Logger LOG = LoggerFactory.getLogger(PublishedText.class);

    private final Function<Cancellation, TextPieces> texts;
    private final Executor executor;

    /**
     * @param texts begins a text that ends when it is cancelled
     * @param executor where the model is at work
     */
    PublishedText(Function<Cancellation, TextPieces> texts, Executor executor) {
        this.texts = texts;
        this.executor = executor;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super String> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        subscriber.onSubscribe(new Subscription(subscriber));
    }

    /** One text for one subscriber. Only whoever brings {@link #calls} from 0 to 1 runs it, until it is 0 again. */
    private final class Subscription implements Flow.Subscription {
        private final Flow.Subscriber<? super String> subscriber;
        private final Cancellation cancellation = new Cancellation();
        private final AtomicInteger calls = new AtomicInteger();
        private final AtomicLong demand = new AtomicLong();
        private volatile boolean refused;
        private Optional<TextPieces> pieces = Optional.empty();
        private boolean ended;

        Subscription(Flow.Subscriber<? super String> subscriber) {
            this.subscriber = subscriber;
        }

        @Override
        public void request(long count) {
            if (count > 0) {
                demand.accumulateAndGet(count, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
            } else {
                refused = true;
            }
            call();
        }

        @Override
        public void cancel() {
            cancellation.cancel();
            call();
        }

        private void call() {
            if (calls.getAndIncrement() == 0) {
                try {
                    executor.execute(this::run);
                } catch (RejectedExecutionException e) {
                    fail(e);
                }
            }
        }

        private void run() {
            int seen = calls.get();
            while (seen > 0) {
                tell();
                seen = calls.addAndGet(-seen);
            }
        }

        private void tell() {
            try {
                while (!ended && !cancellation.cancelled() && write()) {
                    demand.updateAndGet(left -> left == Long.MAX_VALUE ? left : left - 1);
                }
            } catch (RuntimeException | Error e) {
                fail(e);
            }
            if (cancellation.cancelled()) {
                end();
            }
        }

        /** Hands one piece over, or the end; false if there is neither demand nor an end. */
        private boolean write() {
            if (refused) {
                throw new IllegalArgumentException("subscription: got a request for less than 1, allowed more");
            }
            if (pieces.isEmpty()) {
                pieces = Optional.of(texts.apply(cancellation));
            }
            Iterator<String> next = pieces.get().iterator();
            boolean more = next.hasNext();
            if (cancellation.cancelled() || more && demand.get() == 0) {
                return false;
            }
            if (more) {
                String piece = next.next();
                heard(() -> subscriber.onNext(piece));
            } else {
                end();
                heard(subscriber::onComplete);
            }
            return more;
        }

        private void fail(Throwable e) {
            boolean first = !ended && !cancellation.cancelled();
            end();
            if (first) {
                heard(() -> subscriber.onError(e));
            }
        }

        private void end() {
            ended = true;
            pieces.ifPresent(TextPieces::close);
        }

        /** A subscriber that throws has cancelled: it is told nothing more. */
        private void heard(Runnable signal) {
            try {
                signal.run();
            } catch (RuntimeException | Error e) {
                LOG.warn("a subscriber of a text failed and is told nothing more", e);
                cancellation.cancel();
            }
        }
    }
}
