package org.jformers.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.StringOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

final class EngineStartTest {

    /** Two sockets of two cores of two threads. */
    @Test
    void countsCoresOnce() {
        Stream<String> lines = IntStream.range(0, 8).boxed().flatMap(i -> Stream.of(
                "processor\t: " + i, "physical id\t: " + i / 4, "core id\t\t: " + i / 2 % 2, "flags\t\t: fpu", ""));
        assertThat(EngineStart.cores(lines)).isEqualTo(4);
        assertThat(EngineStart.cores(Stream.of("BogoMIPS\t: 50.00", "Features\t: fp asimd"))).isZero();
    }

    @Test
    void setsWhatTheEngineReadsLater() {
        assertThat(Engine.currentThreads()).isPositive(); // the engine has started
        for (EngineVariable variable : EngineVariable.values()) {
            boolean set = variable.read() == EngineVariable.Read.AT_FIRST_USE;
            String expected = System.getenv().getOrDefault(variable.key(), set ? variable.wanted() : "");
            String got = Scopes.get(() -> {
                StringOptional value = torch.get_env(variable.key());
                return value.has_value() ? value.get().getString() : "";
            });
            assertThat(got).as(variable.key()).isEqualTo(expected);
        }
        assertThat(System.getProperty("org.bytedeco.javacpp.maxPhysicalBytes")).isNotNull();
        assertThat(System.getProperty("org.bytedeco.openblas.load")).isNotNull();
    }

    @Test
    void tellsWhatAnEnvironmentLacks() {
        assertThat(EngineVariable.missing(EngineVariable.Read.AT_FIRST_USE, Map.of("MKL_CBWR", "COMPATIBLE")))
                .containsExactly(
                        EngineVariable.MKL_THREADING_LAYER, EngineVariable.ONEDNN_PRIMITIVE_CACHE_CAPACITY);
    }

    /** One thread where there are two cores is half the speed, on every thread of the program. */
    @Test
    void computesOnSeveralCores() throws InterruptedException {
        assumeThat(System.getenv("OMP_NUM_THREADS")).isNull();
        assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
        assumeThat(Runtime.getRuntime().availableProcessors()).isGreaterThan(1);
        assertThat(Engine.currentThreads()).isGreaterThan(1);
        AtomicInteger elsewhere = new AtomicInteger();
        Thread thread = new Thread(() -> elsewhere.set(Engine.currentThreads()));
        thread.start();
        thread.join();
        assertThat(elsewhere).hasValue(Engine.currentThreads());
    }
}
