package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jformers.server.Server;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jformers dashboard}: a page that follows runs, until a signal ends it. */
@Command(
        name = "dashboard",
        description = "Follow training runs in the browser: curves, norms, load, samples and settings side by side. The"
                + " first line says where; a signal ends it. Runs are only read.")
final class DashboardCommand implements Runnable {
    private static final Duration DRAIN = Duration.ofSeconds(2);

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "RUNS",
            arity = "1..*",
            description = "Run folders, or folders that hold some, whose new ones are followed too.")
    private List<Path> runs = List.of();

    @Option(names = "--host", paramLabel = "HOST", description = "The address to listen at.")
    private String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "N", description = "The port; 0 for any that is free.")
    private int port;

    @Option(
            names = "--api-key",
            paramLabel = "FILE",
            description = "A file of keys, one per line, any of which the page asks for.")
    private @Nullable Path keys;

    @Option(names = "--insecure", description = "Listen at an address that others reach, without a key.")
    private boolean insecure;

    @Override
    public void run() {
        Server server = start();
        CountDownLatch end = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.drain(DRAIN);
            end.countDown();
        }, "jformers-drain"));
        PrintWriter out = spec.commandLine().getOut();
        out.println("listening on " + server.url());
        out.flush();
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Server start() {
        Server.Builder builder = Server.builder().host(host).port(port).runs(new FollowedRuns(runs));
        if (keys != null) {
            builder.keyFile(keys);
        }
        return insecure ? builder.insecure().start() : builder.start();
    }
}
