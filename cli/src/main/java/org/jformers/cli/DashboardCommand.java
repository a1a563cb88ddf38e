package org.jformers.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jformers.server.Server;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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

    @Mixin
    private ListenOptions listen;

    @Override
    public void run() {
        Server server = listen.start(Server.builder().runs(new FollowedRuns(runs)));
        ListenOptions.untilASignal(server, DRAIN, spec.commandLine().getOut(), List.of());
    }
}
