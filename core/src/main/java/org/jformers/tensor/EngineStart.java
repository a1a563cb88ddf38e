package org.jformers.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done once, before the engine computes anything. */
final class EngineStart {
    private static final Logger LOG = LoggerFactory.getLogger(EngineStart.class);
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");

    static {
        NativeLibraries.prepare();
        setVariables();
        useAllCores();
    }

    private EngineStart() {}

    /** To be called before the first class of the engine is. */
    static void prepare() {
        // the static block has done it
    }

    /** Sets what the engine has not read yet; says once what only who starts Java can set. */
    private static void setVariables() {
        Map<String, String> environment = System.getenv();
        for (EngineVariable variable : EngineVariable.missing(EngineVariable.Read.AT_FIRST_USE, environment)) {
            torch.set_env(variable.key(), variable.wanted(), false);
        }
        List<EngineVariable> unset = EngineVariable.missing(EngineVariable.Read.BEFORE_JAVA, environment);
        boolean glibc = System.getProperty("os.name").equals("Linux");
        if (glibc && unset.contains(EngineVariable.MALLOC_MMAP_THRESHOLD)) {
            LOG.warn("training and long texts are slower than they could be: {} cannot be set from within Java; "
                    + "'jformers env --exports' prints what to set before it starts, docs/memory.md says why",
                    unset.stream().map(EngineVariable::key).collect(Collectors.joining(", ")));
        }
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
