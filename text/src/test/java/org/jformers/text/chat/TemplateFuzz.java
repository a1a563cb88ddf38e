package org.jformers.text.chat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Templates that Jazzer makes from those of {@link TemplateFuzzTest}, guided by what they reach; with the profile
 * {@code fuzz} (CONTRIBUTING.md), and no part of the build.
 */
@Timeout(20)
class TemplateFuzz {
    static Stream<byte[]> templates() throws IOException {
        return TemplateFuzzTest.templates();
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void templates(byte[] input) {
        TemplateFuzzTest.renders(input);
    }
}
