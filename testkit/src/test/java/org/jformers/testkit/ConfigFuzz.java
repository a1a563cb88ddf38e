package org.jformers.testkit;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jformers.JformersException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Configurations that Jazzer makes from those of {@link ConfigFuzzTest}, guided by what they reach; with the profile
 * {@code fuzz} (CONTRIBUTING.md), and no part of the build.
 */
@Timeout(20)
class ConfigFuzz {
    @TempDir
    static Path folder;

    static Stream<byte[]> config() throws IOException {
        return ConfigFuzzTest.configs().stream().map(ConfigFuzzTest::bytes);
    }

    @MethodSource
    @FuzzTest(maxDuration = "10m")
    void config(byte[] input) throws IOException {
        try {
            ConfigFuzzTest.build(folder, input);
        } catch (JformersException e) {
            ConfigFuzzTest.requireOneLine(e);
        }
    }
}
