package org.jformers.hub;

import java.io.Closeable;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response as it comes. Unlike the JDK's stream, it does not wait forever for a silent server, nor for
 * one that sends a byte now and then.
 */
final class TimedBody implements BodySubscriber<TimedBody>, Closeable {
    // Told from the lists of the JDK by identity, so a list of its own.
    private static final List<ByteBuffer> END = new ArrayList<>();

    private static final int WINDOW = 6;
    private static final int SLOWEST = 1 << 16;

    private final Duration timeout;
    private final BlockingQueue<List<ByteBuffer>> arrived = new LinkedBlockingQueue<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    private volatile @Nullable Throwable failure;
    private long windowStart = System.nanoTime();
    private long windowBytes;

    TimedBody(Duration timeout) {
        this.timeout = timeout;
    }

    /**
     * The next bytes; empty at the end.
     *
     * @throws IOException if the connection breaks, nothing comes for the length of the timeout, or less than
     *     {@value #SLOWEST} bytes for {@value #WINDOW} times as long
     */
    Optional<List<ByteBuffer>> next() throws IOException, InterruptedException {
        List<ByteBuffer> buffers = arrived.poll(timeout.toMillis(), TimeUnit.MILLISECONDS);
        if (buffers == null) {
            throw new HttpTimeoutException("nothing came for " + timeout.toSeconds() + " seconds");
        }
        if (buffers != END) {
            requirePace(buffers);
            subscription.join().request(1);
            return Optional.of(buffers);
        }
        if (failure != null) {
            throw new IOException("the connection broke: " + failure.getMessage(), failure);
        }
        return Optional.empty();
    }

    private void requirePace(List<ByteBuffer> buffers) throws IOException {
        windowBytes += buffers.stream().mapToLong(ByteBuffer::remaining).sum();
        long now = System.nanoTime();
        if (now - windowStart >= timeout.toNanos() * WINDOW) {
            if (windowBytes < SLOWEST) {
                throw new HttpTimeoutException(
                        "only " + windowBytes + " bytes came in " + timeout.toSeconds() * WINDOW + " seconds");
            }
            windowStart = now;
            windowBytes = 0;
        }
    }

    @Override
    public CompletionStage<TimedBody> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription source) {
        subscription.complete(source);
        source.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        arrived.add(buffers);
    }

    @Override
    public void onError(Throwable reason) {
        failure = reason;
        arrived.add(END);
    }

    @Override
    public void onComplete() {
        arrived.add(END);
    }

    /** Gives the connection up. */
    @Override
    public void close() {
        subscription.thenAccept(Flow.Subscription::cancel);
    }
}
