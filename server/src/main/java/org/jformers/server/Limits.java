package org.jformers.server;

import java.time.Duration;

/**
 * What a request, or a client, may ask for. Beyond it there is an error, at once.
 *
 * @param bodyBytes bytes of a body
 * @param newTokens tokens that one answer may have
 * @param choices answers to one prompt, {@code n}
 * @param inputs texts of one request: prompts, documents, texts to be made vectors
 * @param perKey requests of one key that are open at a time
 * @param tokensPerMinute tokens of one key, read and written
 * @param time how long a request may take, waiting included
 * @param stall how long a body, or 64 KiB of an answer, may be on its way before the connection is cut
 */
public record Limits(
        int bodyBytes, int newTokens, int choices, int inputs, int perKey, int tokensPerMinute, Duration time,
        Duration stall) {
    /** 2 MB, 4096 tokens, 16 answers, 2048 texts, any number of requests and tokens, 10 minutes, 30 seconds. */
    public static final Limits DEFAULT = new Limits(
            2_000_000, 4096, 16, 2048, Integer.MAX_VALUE, Integer.MAX_VALUE, Duration.ofMinutes(10),
            Duration.ofSeconds(30));

    public Limits {
        if (bodyBytes < 1 || newTokens < 1 || choices < 1 || inputs < 1 || perKey < 1 || tokensPerMinute < 1) {
            throw new IllegalArgumentException("limits: got " + bodyBytes + " bytes, " + newTokens + " tokens, "
                    + choices + " choices, " + inputs + " inputs, " + perKey + " per key, " + tokensPerMinute
                    + " tokens per minute, allowed at least 1 each");
        }
        if (time.isNegative() || time.isZero() || stall.isNegative() || stall.isZero()) {
            throw new IllegalArgumentException("limits: got " + time + ", " + stall + ", allowed more than nothing");
        }
    }

    public Limits withBodyBytes(int most) {
        return new Limits(most, newTokens, choices, inputs, perKey, tokensPerMinute, time, stall);
    }

    public Limits withNewTokens(int most) {
        return new Limits(bodyBytes, most, choices, inputs, perKey, tokensPerMinute, time, stall);
    }

    public Limits withPerKey(int most) {
        return new Limits(bodyBytes, newTokens, choices, inputs, most, tokensPerMinute, time, stall);
    }

    public Limits withTokensPerMinute(int most) {
        return new Limits(bodyBytes, newTokens, choices, inputs, perKey, most, time, stall);
    }

    public Limits withTime(Duration most) {
        return new Limits(bodyBytes, newTokens, choices, inputs, perKey, tokensPerMinute, most, stall);
    }

    public Limits withStall(Duration most) {
        return new Limits(bodyBytes, newTokens, choices, inputs, perKey, tokensPerMinute, time, most);
    }
}
