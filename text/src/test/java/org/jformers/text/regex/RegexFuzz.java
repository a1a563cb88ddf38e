package org.jformers.text.regex;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Expressions and texts, with a zero between them, that Jazzer makes from those of {@link RegexFuzzTest}, guided by
 * what they reach; with the profile {@code fuzz} (CONTRIBUTING.md), and no part of the build.
 */
@Timeout(20)
class RegexFuzz {

    static Stream<byte[]> regex() {
        return RegexFuzzTest.seeds();
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void regex(byte[] input) {
        String[] parts = new String(input, StandardCharsets.UTF_8).split("\0", 2);
        RegexFuzzTest.run(parts[0], parts[parts.length - 1]);
    }
}
