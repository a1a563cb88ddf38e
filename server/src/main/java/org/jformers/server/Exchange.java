package org.jformers.server;

import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.jformers.generation.Cancellation;

/**
 * A request that is open: who asks, until when, and whether anybody still listens. The thread that answers it reads and
 * writes; {@link Watch} looks at it from outside.
 */
final class Exchange {
    /** How often open requests are looked at. */
    static final long LOOK_MILLIS = 20;

    private static final long NOT = 0;
    /** Bytes of an answer that a client has to take in time. */
    private static final int PART = 65_536;
    /** Most bytes of a body that nobody needs, and how long they are waited for. */
    private static final int UNNEEDED_BYTES = 65_536;
    private static final Duration UNNEEDED_TIME = Duration.ofSeconds(1);

    private final Context http;
    private final EndPoint connection;
    private final Limits limits;
    private final String id;
    private final String client;
    private final long begun = System.nanoTime();
    private final Cancellation cancellation = new Cancellation();
    private final AtomicReference<End> end = new AtomicReference<>(End.NOT_YET);
    /** Whether the request was read, so that whatever comes is its end or another one. */
    private volatile boolean read;
    /** Whether a byte was read that belongs to another request. */
    private volatile boolean lost;
    /** Whether the body was read, or the connection is to close behind it. */
    private boolean settled;
    /** When the reading or writing that is under way has to be done. */
    private volatile long busyUntil = NOT;

    /** Why it is over. */
    enum End { NOT_YET, GONE, LATE, STALLED, SHUT }

    Exchange(Context http, String id, String client, Limits limits) {
        this.http = http;
        this.id = id;
        this.client = client;
        this.limits = limits;
        connection = ServletContextRequest.getServletContextRequest(http.req())
                .getConnectionMetaData().getConnection().getEndPoint();
    }

    Context http() {
        return http;
    }

    String id() {
        return id;
    }

    /** Who asks, as far as that is known: turns are taken by it. */
    String client() {
        return client;
    }

    /** Ends what is written for it. */
    Cancellation cancellation() {
        return cancellation;
    }

    boolean over() {
        return end.get() != End.NOT_YET;
    }

    /** What it failed of, once it is over. */
    ApiException failure() {
        return switch (end.get()) {
            case GONE -> new ApiException(ApiException.Kind.GONE, "request: the client has gone");
            case STALLED -> new ApiException(ApiException.Kind.STALLED,
                    "request: nothing was read or written for " + limits.stall().toSeconds() + " s");
            case SHUT -> new ApiException(ApiException.Kind.ENDING, "server: is shutting down");
            default -> new ApiException(ApiException.Kind.TIMEOUT,
                    "request: took longer than " + limits.time().toSeconds() + " s");
        };
    }

    /** Ends it; what was said first counts. */
    void end(End why) {
        if (end.compareAndSet(End.NOT_YET, why)) {
            cancellation.cancel();
        }
        if (why == End.STALLED) {
            connection.close();
        }
    }

    /** Throws what it failed of, if it is over. */
    void requireOpen() {
        if (over()) {
            throw failure();
        }
    }

    /** The body. */
    byte[] body() {
        long told = http.req().getContentLengthLong();
        int most = limits.bodyBytes();
        if (told > most) {
            throw tooLarge();
        }
        busy(limits.stall());
        try (InputStream in = http.req().getInputStream()) {
            ByteArrayOutputStream body = new ByteArrayOutputStream(Math.max(1024, (int) told));
            byte[] part = new byte[16_384];
            for (int count = in.read(part); count >= 0; count = in.read(part)) {
                if (body.size() + count > most) {
                    throw tooLarge();
                }
                body.write(part, 0, count);
            }
            settled = true;
            read = true;
            return body.toByteArray();
        } catch (IOException e) {
            end(End.GONE);
            throw failure();
        } finally {
            busyUntil = NOT;
        }
    }

    private ApiException tooLarge() {
        closeBehind();
        return new ApiException(ApiException.Kind.TOO_LARGE,
                "body: got more than " + limits.bodyBytes() + " bytes, allowed as many");
    }

    /** The body, which is to be a JSON object. */
    Fields fields(Json json) {
        String type = http.req().getContentType();
        if (type == null || !type.toLowerCase(Locale.ROOT).split(";")[0].strip().equals("application/json")) {
            throw new ApiException(ApiException.Kind.NOT_JSON,
                    "body: got another type than application/json, allowed that one");
        }
        return new Fields(json.object(body()), "");
    }

    /** Answers as a whole. */
    void reply(int status, String type, byte[] body) {
        requireOpen();
        lastReply(status, type, body);
    }

    /** The same of a request that may be over: what it failed of. */
    void lastReply(int status, String type, byte[] body) {
        takeRest();
        stopListening(); // who has all of it may ask again at once
        http.res().setStatus(status);
        http.res().setContentType(type);
        http.res().setContentLength(body.length);
        last(body);
    }

    /**
     * Reads what is left of a body that was not needed: it would be the next request, and the connection of a client
     * that is still writing would break before it reads why it was refused.
     */
    private void takeRest() {
        if (settled) {
            return;
        }
        busy(UNNEEDED_TIME);
        try {
            settled = http.req().getContentLengthLong() <= UNNEEDED_BYTES
                    && http.req().getInputStream().readNBytes(UNNEEDED_BYTES).length < UNNEEDED_BYTES;
        } catch (IOException e) {
            settled = false; // it ended before its body did
        } finally {
            busyUntil = NOT;
        }
        if (!settled) {
            closeBehind();
        }
    }

    private void closeBehind() {
        settled = true;
        http.res().setHeader("Connection", "close");
    }

    private void busy(Duration longest) {
        busyUntil = System.nanoTime() + longest.toNanos();
    }

    private synchronized void stopListening() {
        read = false;
    }

    /** Writes a part of the answer and sends it; throws {@link ApiException} if nobody takes it. */
    void write(byte[] part) {
        requireOpen();
        last(part);
    }

    /** The same of a request that may be over: what it failed of. */
    void last(byte[] part) {
        if (lost && !http.res().isCommitted()) {
            http.res().setHeader("Connection", "close");
        }
        try {
            for (int from = 0; from < part.length; from += PART) {
                busy(limits.stall());
                http.res().getOutputStream().write(part, from, Math.min(PART, part.length - from));
                http.res().getOutputStream().flush();
            }
        } catch (IOException e) {
            end(End.GONE);
            throw failure();
        } finally {
            busyUntil = NOT;
        }
    }

    /** Ends an answer that has begun, and closes a connection that can serve no further request. */
    void leave() {
        stopListening();
        if (http.res().isCommitted()) {
            busy(limits.stall());
            try {
                http.res().getOutputStream().close(); // the end of a stream is a part of it
            } catch (IOException e) {
                end(End.GONE);
            } finally {
                busyUntil = NOT;
            }
        }
        if (lost) {
            connection.close();
        }
    }

    /** Ends it if its time is over or its client has gone, or does nothing. */
    void look() {
        long now = System.nanoTime();
        long until = busyUntil;
        if (until != NOT && now - until > 0) {
            end(End.STALLED);
        } else if (now - begun > limits.time().toNanos()) {
            end(End.LATE);
        } else if (read && !over() && gone()) {
            end(End.GONE);
        }
    }

    /** Whether the client has closed its side: nothing else is to be read between a request and its answer. */
    private synchronized boolean gone() {
        if (!connection.isOpen()) {
            return true;
        }
        if (!read || !(connection instanceof SocketChannelEndPoint socket)) {
            return false;
        }
        SocketChannel channel = socket.getChannel();
        try {
            int got = channel.read(ByteBuffer.allocate(1));
            if (got > 0) {
                // A request behind the request. Its first byte is lost, so that it must come again on a connection
                // of its own, as HTTP says of connections that close.
                read = false;
                lost = true;
            }
            return got < 0;
        } catch (IOException e) {
            return true;
        }
    }

    /** How long it has taken. */
    Duration time() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }
}
