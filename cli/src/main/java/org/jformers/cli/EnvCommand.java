package org.jformers.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jformers.tensor.Engine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers env}: what a report of a problem or a measurement should say about the machine. */
@Command(name = "env", description = "Print what jformers runs on: JDK, system, processor, memory, engine.")
final class EnvCommand implements Runnable {
    /** Variables that the launcher sets and those that change how the engine computes. */
    private static final List<String> VARIABLES = List.of(
            "MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_",
            "OMP_WAIT_POLICY", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "JFORMERS_JAVA_OPTS", "JAVA_TOOL_OPTIONS");

    @Spec
    private CommandSpec spec;

    @Option(names = "--engine", description = "Load the engine as well and print what it says: threads, libraries.")
    private boolean engine;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Cpu cpu = Cpu.read();
        print(out, "jformers", Version.current());
        print(out, "java", property("java.vm.version") + ", " + property("java.vendor") + ", " + property("java.home"));
        print(out, "system", property("os.name") + " " + property("os.version") + ", " + property("os.arch"));
        print(out, "processor", cpu.model() + ", " + Runtime.getRuntime().availableProcessors() + " cores for this process");
        print(out, "features", String.join(" ", cpu.features()));
        print(out, "memory", gib(system.getTotalMemorySize()) + ", " + gib(system.getFreeMemorySize()) + " free; Java heap up to "
                + gib(Runtime.getRuntime().maxMemory()));
        print(out, "engine", "libtorch " + Engine.version());
        for (String variable : VARIABLES) {
            String value = System.getenv(variable);
            if (value != null) {
                print(out, variable, value);
            }
        }
        if (engine) {
            long start = System.nanoTime();
            Engine loaded = Engine.ask();
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            print(out, "engine loaded in", millis + " ms");
            print(out, "engine threads", loaded.threads() + " in an operator, " + loaded.interopThreads() + " operators at once");
            print(out, "engine kernels", loaded.capability());
            out.println(loaded.configuration());
        }
    }

    private static void print(PrintWriter out, String what, String value) {
        out.printf(Locale.ROOT, "%-22s  %s%n", what, value);
    }

    private static String property(String name) {
        return System.getProperty(name);
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }
}
