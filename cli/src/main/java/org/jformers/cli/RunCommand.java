package org.jformers.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jformers run}: a model does a task, as the pipelines of transformers do it. */
@Command(
        name = "run",
        description = "Let a model do a task, with the results of the pipelines of transformers.",
        synopsisSubcommandLabel = "TASK")
final class RunCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Gives the command one for each task. */
    static void addTasks(CommandLine run) {
        RunTasks.ALL.forEach(task -> run.addSubcommand(TaskCommand.of(task)));
    }

    /** Without a task: wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "expected a task");
    }
}
