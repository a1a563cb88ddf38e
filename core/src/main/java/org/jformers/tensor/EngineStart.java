package org.jformers.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;

/** What is done once, before the engine computes anything. */
final class EngineStart {
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");

    static {
        NativeLibraries.prepare();
        useAllCores();
    }

    private EngineStart() {}

    /** To be called before the first class of the engine is. */
    static void prepare() {
        // the static block has done it
    }

    /**
     * libtorch 2.10 computes on one thread where it does not know the processor, such as AMD's fifth Zen. Then it gets
     * as many as there are cores, unless the environment says how many.
     */
    private static void useAllCores() {
        boolean said = System.getenv("OMP_NUM_THREADS") != null || System.getenv("MKL_NUM_THREADS") != null;
        if (said || torch.get_num_threads() > 1 || !Files.isReadable(CPUINFO)) {
            return;
        }
        try (Stream<String> lines = Files.lines(CPUINFO)) {
            torch.set_num_threads(Math.max(1, Math.min(cores(lines), Runtime.getRuntime().availableProcessors())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Cores that lines of {@code /proc/cpuinfo} name, each once, whatever the number of its hardware threads. */
    static int cores(Stream<String> cpuinfo) {
        Set<String> cores = new HashSet<>();
        String[] socket = {""};
        cpuinfo.forEach(line -> {
            if (line.startsWith("physical id")) {
                socket[0] = line;
            } else if (line.startsWith("core id")) {
                cores.add(socket[0] + line);
            }
        });
        return cores.size();
    }
}
