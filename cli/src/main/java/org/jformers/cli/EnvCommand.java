package org.jformers.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jformers.hub.HubSettings;
import org.jformers.hub.ModelCache;
import org.jformers.tensor.Device;
import org.jformers.tensor.Engine;
import org.jformers.tensor.EngineVariable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jformers env}: what a report of a problem or a measurement should say about the machine. */
@Command(name = "env", description = "Print what jformers runs on: JDK, system, processor, memory, engine, hub.")
final class EnvCommand implements Runnable {
    /** Variables that change how the engine computes, beside those that the launcher sets. */
    private static final List<String> VARIABLES =
            List.of("OMP_NUM_THREADS", "MKL_NUM_THREADS", "JFORMERS_JAVA_OPTS", "JFORMERS_CLASSPATH",
                    "JAVA_TOOL_OPTIONS");

    /** As in the launcher. */
    private static final String FLAGS = "-XX:+UseSerialGC -XX:MaxNewSize=64m -XX:TieredStopAtLevel=1";

    @Spec
    private CommandSpec spec;

    @Option(names = "--engine", description = "Load the engine as well and print what it says: threads, libraries.")
    private boolean engine;

    @Option(
            names = "--exports",
            description = "Print lines for a shell instead: what to set before Java starts, where the launcher does"
                    + " not. What is set already stays.")
    private boolean exports;

    @Override
    public void run() {
        if (exports) {
            printExports();
        } else {
            printMachine();
        }
    }

    private void printExports() {
        PrintWriter out = spec.commandLine().getOut();
        for (EngineVariable variable : EngineVariable.values()) {
            out.println("export " + variable.key() + "=\"${" + variable.key() + "-" + variable.wanted() + "}\"");
        }
        out.println("# java " + FLAGS);
    }

    private void printMachine() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Runtime runtime = Runtime.getRuntime();
        Cpu cpu = Cpu.read();
        print("jformers", Version.current());
        print("java", property("java.vm.version"), property("java.vendor"), property("java.home"));
        print("system", property("os.name") + " " + property("os.version"), property("os.arch"));
        print("processor", cpu.model(), runtime.availableProcessors() + " cores for this process");
        print("features", String.join(" ", cpu.features()));
        print("memory", gib(system.getTotalMemorySize()), gib(system.getFreeMemorySize()) + " free");
        print("java heap", "up to " + gib(runtime.maxMemory()));
        print("engine", "libtorch " + Engine.version());
        HubSettings hub = HubSettings.fromEnvironment();
        print("hub", hub.access() == HubSettings.Access.OFFLINE ? "offline" : hub.endpoint().toString(),
                hub.token().isPresent() ? "with a token" : "without a token");
        print("hub cache", hub.cache().toString());
        print("artifact cache", ModelCache.fromEnvironment().folder().toString());
        if (engine) {
            printEngine();
        }
        Stream.concat(Stream.of(EngineVariable.values()).map(EngineVariable::key), VARIABLES.stream())
                .filter(System.getenv()::containsKey)
                .forEach(variable -> print(variable, System.getenv(variable)));
    }

    private void printEngine() {
        long start = System.nanoTime();
        Engine loaded = Engine.ask();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        print("engine load", millis + " ms");
        print("engine threads", loaded.threads() + " in an operator", loaded.interopThreads() + " operators at once");
        print("engine kernels", loaded.capability());
        print("devices", Device.available().stream().map(Device::toString).collect(Collectors.joining(", ")));
        print("engine BLAS", String.join(" ", loaded.blas()));
        loaded.configuration().lines()
                .map(String::strip)
                // The compiler flags fill a page.
                .filter(line -> line.startsWith("- ") && !line.startsWith("- Build settings"))
                .forEach(line -> print("engine build", line.substring(2)));
    }

    private void print(String what, String... values) {
        spec.commandLine().getOut().printf(Locale.ROOT, "%-22s  %s%n", what, String.join(", ", values));
    }

    private static String property(String name) {
        return System.getProperty(name);
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }
}
