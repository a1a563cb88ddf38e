package org.jformers.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.Callable;
import org.jformers.pipeline.call.CallFields;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code jformers run TASK}: the command of any task. */
@Command
final class TaskCommand implements Callable<Integer> {
    private final TaskEntry task;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RunOptions options;

    private TaskCommand(TaskEntry task) {
        this.task = task;
    }

    /** The command of a task. */
    static CommandLine of(TaskEntry task) {
        CommandLine line = new CommandLine(new TaskCommand(task));
        CommandSpec command = line.getCommandSpec().name(task.name());
        command.usageMessage().description(task.description()).footer("%n" + task.calls());
        task.flags().forEach(flag -> command.addOption(flag.spec()));
        return line;
    }

    @Override
    public Integer call() {
        ObjectNode flags = CallFields.empty();
        task.flags().forEach(flag -> flag.json(spec).ifPresent(value -> flags.set(flag.option(), value)));
        return options.run(spec, flags, task);
    }
}
