package org.jformers.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jformers.JformersException;
import org.jformers.VisibleText;
import org.jformers.experiment.RunStopped;
import org.jformers.settings.Nearest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line on standard error what went wrong; the stack trace is printed on request only. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
    /** As shells count: 128 and the number of SIGINT. */
    private static final int INTERRUPTED = 130;

    private final BooleanSupplier stackTrace;

    /** @param stackTrace whether the user asked for stack traces; read when a failure is reported */
    Failures(BooleanSupplier stackTrace) {
        this.stackTrace = stackTrace;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult parsed) {
        return report(failure, line);
    }

    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine line = failure.getCommandLine();
        PrintWriter err = line.getErr();
        err.println("jformers: " + firstLine(failure.getMessage()));
        if (stackTrace.getAsBoolean()) {
            failure.printStackTrace(err);
        }
        if (failure instanceof UnmatchedArgumentException unmatched) {
            nearest(unmatched.getUnmatched().get(0), line).ifPresent(
                    name -> err.println("Did you mean " + name + "?"));
        }
        err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCode.USAGE;
    }

    /** The command or option whose name takes the fewest edits. */
    private static Optional<String> nearest(String name, CommandLine line) {
        Set<String> known = name.startsWith("-")
                ? line.getCommandSpec().optionsMap().keySet()
                : line.getSubcommands().keySet();
        return Nearest.to(name.replaceFirst("=.*", ""), known).stream().findFirst();
    }

    /** Reports a failure of the work itself and returns the exit code. */
    int report(Throwable thrown, CommandLine line) {
        // What the engine needs before its first class is missing.
        Throwable failure = thrown instanceof ExceptionInInitializerError && thrown.getCause() != null
                ? thrown.getCause()
                : thrown;
        if (failure instanceof RunStopped) {
            return INTERRUPTED; // its display said so
        }
        PrintWriter err = line.getErr();
        err.println("jformers: " + describe(failure));
        if (stackTrace.getAsBoolean()) {
            failure.printStackTrace(err);
        } else if (!isMeantForUsers(failure)) {
            err.println("This is a defect of jformers; run again with --stacktrace to see where it happened.");
        }
        return ExitCode.SOFTWARE;
    }

    private static boolean isMeantForUsers(Throwable failure) {
        return failure instanceof JformersException || failure instanceof OutOfMemoryError
                || failure instanceof UncheckedIOException;
    }

    /** A failure in one line. */
    static String describe(Throwable failure) {
        if (failure instanceof JformersException) {
            return failure.getMessage() == null ? "no details" : failure.getMessage();
        }
        if (failure instanceof UncheckedIOException) {
            return "cannot read or write: " + firstLine(String.valueOf(failure.getCause()));
        }
        if (failure instanceof OutOfMemoryError) {
            return "out of Java memory (" + firstLine(failure.getMessage())
                    + "); allow more, for example with JFORMERS_JAVA_OPTS=-Xmx8g";
        }
        String type = failure.getClass().getSimpleName();
        return failure.getMessage() == null ? type : type + ": " + firstLine(failure.getMessage());
    }

    // The engine appends its C++ stack to the message.
    private static String firstLine(@Nullable String message) {
        return message == null ? "no details" : VisibleText.line(message.lines().findFirst().orElse(""));
    }
}
