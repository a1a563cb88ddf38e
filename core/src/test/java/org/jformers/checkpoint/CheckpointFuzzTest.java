package org.jformers.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.jformers.checkpoint.DamagedCheckpoints.Kind;
import org.jformers.tensor.Scopes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Damaged checkpoints end in a result or in the documented exception: no other one, no crash, no hang, and no more
 * memory than a fixed amount beyond the file. {@link CheckpointFuzz} makes further ones.
 */
@Timeout(300)
class CheckpointFuzzTest {
    @TempDir
    static Path folder;

    private static DamagedCheckpoints reader;

    @BeforeAll
    static void startTheEngine() throws IOException {
        reader = new DamagedCheckpoints(folder);
    }

    @ParameterizedTest
    @EnumSource
    void endsInAResultOrInTheDocumentedException(Kind kind) throws IOException {
        int refused = 0;
        List<byte[]> inputs = kind.inputs().toList();
        for (int i = 0; i < inputs.size(); i++) {
            boolean loads = reader.read(kind, inputs.get(i));
            assertThat(loads || !kind.isGood(i)).as("the file as it is").isTrue();
            refused += loads ? 0 : 1;
        }

        assertThat(refused).as("damaged files that are refused").isBetween(inputs.size() / 4, inputs.size() - 1);
    }

    @Test
    void noticesMemoryThatALyingLengthAsksFor() {
        List<byte[]> kept = new ArrayList<>();
        assertThatThrownBy(() -> DamagedCheckpoints.within("a lie", () -> kept.add(new byte[100 << 20])))
                .isInstanceOf(AssertionError.class).hasMessageContaining("heap for a lie");
    }

    /** Only where a process can ask for its own peak. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void noticesMemoryOutsideTheHeap() {
        Runnable reader = () -> Scopes.run(() -> Fixtures.zeros(80L << 20).add_(new Scalar(1)));
        assertThatThrownBy(() -> DamagedCheckpoints.within("a lie", reader))
                .isInstanceOf(AssertionError.class).hasMessageContaining("memory for a lie");
    }
}
