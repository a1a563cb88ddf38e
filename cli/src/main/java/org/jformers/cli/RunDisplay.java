package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Function;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentRun;
import picocli.CommandLine.Model.CommandSpec;

/** Shows a run of an experiment: a progress bar, what it says, the result and what to try next. */
final class RunDisplay {
    private RunDisplay() {}

    /** Runs, then prints the result and the commands to try next. */
    static void show(CommandSpec spec, Path folder, Function<Console, String> run) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(run(spec, run));
        next(out, folder);
    }

    /** Runs and returns the result. */
    static String run(CommandSpec spec, Function<Console, String> run) {
        Terminal terminal = new Terminal(spec.commandLine().getErr());
        try {
            return run.apply(terminal);
        } finally {
            terminal.end();
        }
    }

    /** Prints what a finished run folder is good for. */
    static void next(PrintWriter out, Path folder) {
        out.println();
        ExperimentRun.commands(folder)
                .forEach(command -> out.println("# " + command.purpose() + "\n" + command.line()));
        out.println("# Open the report\n" + folder.resolve("report.html"));
    }

    /** Lines that stay above a bar that moves. */
    private static final class Terminal implements Console {
        private final PrintWriter err;
        private Progress bar;

        Terminal(PrintWriter err) {
            this.err = err;
        }

        @Override
        public void say(String line) {
            if (bar == null) {
                err.println(line);
            } else {
                bar.say(line);
            }
        }

        @Override
        public void progress(long step, long steps, double loss, double tokensPerSecond) {
            if (Double.isNaN(loss)) {
                bar = Progress.start("training", step, steps, err);
                return;
            }
            if (bar == null) {
                return; // the last step was shown before
            }
            bar.expect(steps);
            bar.update(step, String.format(Locale.ROOT, "loss %.3f  %,.0f tokens/s", loss, tokensPerSecond));
            if (step >= steps) {
                end();
            }
        }

        void end() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }
}
