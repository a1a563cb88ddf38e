package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The {@code jformers} command: parses, calls, prints. Results go to standard output, progress and complaints to
 * standard error. Exit code 0: fine, 1: failed, 2: wrong usage.
 */
@Command(
        name = "jformers",
        description = "Trains, evaluates and runs Transformer models.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Version.class,
        subcommands = {
            QuickstartCommand.class,
            FineTuneCommand.class,
            TrainCommand.class,
            GenerateCommand.class,
            ChatCommand.class,
            TranslateCommand.class,
            RunCommand.class,
            ServeCommand.class,
            DashboardCommand.class,
            TokenizerCommand.class,
            InspectCommand.class,
            ModelsCommand.class,
            DownloadCommand.class,
            UploadCommand.class,
            ConvertCommand.class,
            FamiliesCommand.class,
            SizesCommand.class,
            ConformCommand.class,
            EnvCommand.class
        })
public final class Jformers implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Print the version and exit.")
    private boolean version;

    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Log what happens to standard error.")
    private void verbose(boolean verbose) {
        if (verbose) {
            Logging.verbose();
        }
    }

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Print the stack trace of a failure; also by JFORMERS_STACKTRACE=1.")
    private boolean stackTrace;

    private Jformers() {}

    public static void main(String[] arguments) {
        CommandLine line = commandLine();
        // The terminal of a JDK 17 may be set to another character set than the text of our models.
        line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        int exitCode = run(line, arguments);
        // These flush at the ends of lines alone, and a command may end with less.
        line.getOut().flush();
        line.getErr().flush();
        System.exit(exitCode);
    }

    /** The whole command tree, writing to the streams of the process until told otherwise. */
    static CommandLine commandLine() {
        Jformers root = new Jformers();
        CommandLine line = new CommandLine(root);
        RunCommand.addTasks(Objects.requireNonNull(line.getSubcommands().get("run")));
        line.setCaseInsensitiveEnumValuesAllowed(true).setExpandAtFiles(false);
        line.addSubcommand(new ExperimentsCommand(new ExperimentCatalog()));
        Failures failures = new Failures(() -> root.stackTrace || "1".equals(System.getenv("JFORMERS_STACKTRACE")));
        line.setExecutionExceptionHandler(failures);
        line.setParameterExceptionHandler(failures);
        line.setExecutionStrategy(Jformers::execute);
        return showDefaults(line);
    }

    /** Runs what was asked for; on a terminal, as the launcher says, control characters of results can be seen. */
    private static int execute(ParseResult asked) {
        Integer helped = CommandLine.executeHelpRequest(asked);
        if (helped != null) {
            return helped;
        }
        if (Boolean.getBoolean("jformers.terminal")) {
            CommandLine root = asked.commandSpec().commandLine();
            root.setOut(new VisibleWriter(root.getOut()));
        }
        return new CommandLine.RunLast().execute(asked);
    }

    /** Runs the command and returns its exit code; errors of the virtual machine are reported as exceptions are. */
    static int run(CommandLine line, String... arguments) {
        try {
            return line.execute(arguments);
        } catch (Error e) {
            return ((Failures) line.getExecutionExceptionHandler()).report(e, line);
        }
    }

    /** Without a command: wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a command");
    }

    private static CommandLine showDefaults(CommandLine line) {
        line.getCommandSpec().usageMessage().showDefaultValues(true).sortOptions(false);
        line.getSubcommands().values().forEach(Jformers::showDefaults);
        return line;
    }
}
