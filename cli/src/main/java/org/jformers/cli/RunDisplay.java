package org.jformers.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jformers.VisibleText;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentRun;
import org.jformers.experiment.ExperimentRun.Result;
import org.jformers.experiment.RunStopped;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Shows a run of an experiment: a progress bar, what it says, the result and what to try next. Interrupted (Ctrl-C, or
 * SIGTERM), it saves the run and says how to go on; the virtual machine then ends with 130 or 143 by itself.
 */
final class RunDisplay {
    private RunDisplay() {}

    /** Runs, then prints the result and the commands to try next. */
    static void show(CommandSpec spec, Path folder, Function<Console, Result> run) {
        PrintWriter out = spec.commandLine().getOut();
        Result result = run(spec, folder, run);
        out.println(result.headline());
        next(out, folder, result);
    }

    /** Prints what a run would do. */
    static void plan(CommandSpec spec, Consumer<Console> plan) {
        PrintWriter out = spec.commandLine().getOut();
        plan.accept(new Console() {
            @Override
            public void say(String line) {
                out.println(VisibleText.line(line));
            }

            @Override
            public void progress(long step, long steps, double loss, double perSecond) {}
        });
    }

    /** Runs and returns the result. */
    static Result run(CommandSpec spec, Path folder, Function<Console, Result> run) {
        Terminal terminal = new Terminal(folder, spec.commandLine().getErr());
        Thread interruption = new Thread(terminal::interrupt, "interruption");
        Runtime.getRuntime().addShutdownHook(interruption);
        try {
            return run.apply(terminal);
        } catch (RunStopped e) {
            terminal.stopped(e.getMessage());
            throw e;
        } finally {
            terminal.end();
            try {
                Runtime.getRuntime().removeShutdownHook(interruption);
            } catch (IllegalStateException e) {
                // The machine shuts down already: the hook runs or has run.
            }
        }
    }

    /** Prints what a finished run folder is good for. */
    static void next(PrintWriter out, Path folder, Result result) {
        out.println();
        result.commands().forEach(command -> out.println("# " + command.purpose() + "\n" + command.line()));
        out.println("# Open the report\n" + folder.resolve("report.html"));
    }

    /** Lines that stay above a bar that moves. */
    private static final class Terminal implements Console {
        private final Path folder;
        private final PrintWriter err;
        private final CountDownLatch saved = new CountDownLatch(1);
        private volatile boolean training;
        private volatile boolean stopRequested;
        private @Nullable Progress bar;
        private String unit = "tokens";

        Terminal(Path folder, PrintWriter err) {
            this.folder = folder;
            this.err = err;
        }

        @Override
        public synchronized void say(String line) {
            if (bar == null) {
                err.println(VisibleText.line(line));
            } else {
                bar.say(line);
            }
        }

        @Override
        public synchronized void counts(String counted) {
            unit = counted;
        }

        @Override
        public synchronized void progress(long step, long steps, double loss, double perSecond) {
            if (Double.isNaN(loss)) {
                bar = Progress.start("training", step, steps, err);
                training = true;
                return;
            }
            if (bar == null) {
                return; // the last step was shown before
            }
            bar.expect(steps);
            bar.update(step, String.format(Locale.ROOT, "loss %.3f", loss),
                    String.format(Locale.ROOT, "%,.0f %s/s", perSecond, unit));
            if (step >= steps) {
                endBar();
            }
        }

        @Override
        public boolean stopRequested() {
            return stopRequested;
        }

        @Override
        public void trained() {
            training = false;
            if (stopRequested) { // behind the last step
                say("the trained model is saved; measure it with: " + ExperimentRun.resumeCommand(folder));
            }
            saved.countDown();
        }

        /** Runs when the virtual machine is told to end, which it does when this returns. */
        void interrupt() {
            if (training) {
                stopRequested = true;
                say("interrupted: saving behind this step");
                try {
                    saved.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            } else {
                say("interrupted: " + (ExperimentRun.isIn(folder)
                        ? "go on with: " + ExperimentRun.resumeCommand(folder)
                        : "nothing was trained yet"));
            }
        }

        /** The run was stopped and saved. */
        void stopped(String message) {
            endBar();
            err.println(message);
        }

        /** The run is over, well or not. */
        void end() {
            endBar();
            saved.countDown();
        }

        private synchronized void endBar() {
            if (bar != null) {
                bar.close();
                bar = null;
            }
        }
    }
}
