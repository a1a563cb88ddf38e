package org.jformers.server;

import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Tokens of a client, read and written, per minute: a bucket that fills as time goes by. A request is let in as long as
 * something is left, and what it takes is counted as it becomes known, so that nobody has to say beforehand how long an
 * answer will be; what was taken beyond the bucket is waited for.
 */
final class Quota {
    /** Clients that are remembered before those are looked for whose buckets are full again. */
    private static final int MANY = 10_000;
    private static final double MINUTE = Duration.ofMinutes(1).toNanos();

    private final int perMinute;
    private final LongSupplier clock;
    private final Map<String, Bucket> buckets = new HashMap<>();

    /** What was left at a time. */
    private record Bucket(double left, long nanos) {}

    /** @param perMinute tokens; {@link Integer#MAX_VALUE} for any number */
    Quota(int perMinute, LongSupplier clock) {
        this.perMinute = perMinute;
        this.clock = clock;
    }

    /** Whether anything is counted. */
    boolean bounded() {
        return perMinute < Integer.MAX_VALUE;
    }

    /**
     * Lets a request in, and tells its client in OpenAI's headers what is left.
     *
     * @throws ApiException if nothing is
     */
    void admit(Exchange exchange) {
        if (!bounded()) {
            return;
        }
        double left = left(exchange.client());
        HttpServletResponse answer = exchange.http().res();
        answer.setHeader("x-ratelimit-limit-tokens", Integer.toString(perMinute));
        answer.setHeader("x-ratelimit-remaining-tokens", Long.toString(Math.max(0, (long) left)));
        answer.setHeader("x-ratelimit-reset-tokens", seconds(perMinute - left) + "s");
        if (left < 1) {
            long wait = seconds(1 - left);
            answer.setHeader("Retry-After", Long.toString(wait));
            throw new ApiException(ApiException.Kind.SPENT, "tokens: got as many of this client as it has in a minute, "
                    + "allowed " + perMinute + "; more in " + wait + " s");
        }
    }

    /** Counts tokens that were read or written. */
    synchronized void spend(String client, long tokens) {
        if (bounded()) {
            if (buckets.size() >= MANY) {
                buckets.keySet().removeIf(one -> left(one) >= perMinute);
            }
            buckets.put(client, new Bucket(left(client) - tokens, clock.getAsLong()));
        }
    }

    /** Tokens that a client has left; below zero for what it took beyond. */
    synchronized double left(String client) {
        Bucket bucket = buckets.get(client);
        return bucket == null ? perMinute
                : Math.min(perMinute, bucket.left() + (clock.getAsLong() - bucket.nanos()) / MINUTE * perMinute);
    }

    /** How long so many tokens take to come, rounded up. */
    private long seconds(double tokens) {
        return (long) Math.ceil(Math.max(0, tokens) * 60 / perMinute);
    }
}
