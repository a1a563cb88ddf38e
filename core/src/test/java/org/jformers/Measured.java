package org.jformers;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Watches what a call takes of the machine, whatever else runs on it. */
public final class Measured {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Path PROCESS = Path.of("/proc/self");

    private Measured() {}

    /**
     * Runs a call and checks what Java allocates in its thread and, on Linux, what the process grows by.
     *
     * @param what named in failures
     * @param heap bytes that Java may allocate
     * @param resident bytes that the process may grow by
     */
    public static void memory(String what, long heap, long resident, Runnable call) {
        long thread = Thread.currentThread().getId();
        OptionalLong start = forgottenPeak();
        long before = THREADS.getThreadAllocatedBytes(thread);
        call.run();
        assertThat(THREADS.getThreadAllocatedBytes(thread) - before).as("heap for " + what).isLessThan(heap);
        if (start.isPresent()) {
            assertThat(peak() - start.getAsLong()).as("memory for " + what).isLessThan(resident);
        }
    }

    /**
     * Runs what a hostile file asks for: within 256 MB of memory, 512 MB that Java allocates in all, what it frees on
     * the way included, and 5 s of the thread's processor time.
     */
    public static void hostile(String what, Runnable call) {
        long before = THREADS.getCurrentThreadCpuTime();
        memory(what, 512L << 20, 256L << 20, call);
        assertThat((THREADS.getCurrentThreadCpuTime() - before) / 1e9).as("seconds for " + what).isLessThan(5);
    }

    /** Lets the peak of resident memory begin anew, from what it is now; empty where a process cannot. */
    private static OptionalLong forgottenPeak() {
        try {
            Files.writeString(PROCESS.resolve("clear_refs"), "5");
            return OptionalLong.of(peak());
        } catch (NoSuchFileException | AccessDeniedException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long peak() {
        try {
            return Files.readAllLines(PROCESS.resolve("status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
