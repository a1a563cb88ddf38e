package org.jformers.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentRun;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TaskTypes;
import org.jformers.hub.HubContents;
import org.jformers.settings.SettingsJson;
import org.jformers.settings.SettingsTree;
import org.jformers.task.FineTuning;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code jformers finetune}: trains a pretrained model for a task. Its flags are settings of an experiment under names
 * of their own, so that {@code experiment.json} says what they said.
 */
@Command(
        name = "finetune",
        description = "Train a pretrained model for a task; --task says which, and brings flags of its own.",
        abbreviateSynopsis = true,
        preprocessor = TaskFlags.Adding.class)
final class FineTuneCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", arity = "0..1", description = ModelArgument.DESCRIPTION)
    private @Nullable String model;

    @Option(names = "--task", paramLabel = "NAME", description = "What is learned.")
    private @Nullable String task;

    @Mixin
    private FineTuneOptions options;

    @Mixin
    private Overrides overrides;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The run folder to write; by default a new one under runs/.")
    private @Nullable Path out;

    @Option(names = "--plan", description = "Say what would be done, with an estimate of time and memory; train"
            + " nothing.")
    private boolean plan;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "Go on from the newest checkpoint of this run folder, as 'jformers train --resume' does.")
    private @Nullable Path resume;

    @Override
    public void run() {
        Path resume = this.resume;
        if (resume != null) {
            if (model != null || task != null || out != null || plan) {
                throw new ParameterException(spec.commandLine(),
                        "expected MODEL and --task, or --resume, got both: a resumed run keeps its settings");
            }
            RunDisplay.show(spec, resume, console -> ExperimentRun.resume(resume, this::changed, console));
            return;
        }
        if (model == null || task == null) {
            throw new ParameterException(spec.commandLine(),
                    "expected MODEL and --task NAME, one of " + String.join(", ", TaskTypes.all().keySet()));
        }
        ModelArgument.folder(model, HubContents.MODEL, spec); // under a progress display, before the run asks for it
        TaskType type = TaskTypes.of(task);
        Experiment experiment =
                changed(SettingsTree.of(FineTuning.experiment(model, task, type.defaults()))).value();
        if (plan) {
            RunDisplay.plan(spec, console -> ExperimentRun.plan(experiment, console));
            return;
        }
        Path folder = Optional.ofNullable(out).orElseGet(() -> TrainCommand.newFolder(experiment.name()));
        RunDisplay.show(spec, folder, console -> ExperimentRun.start(experiment, folder, console));
    }

    private SettingsTree<Experiment> changed(SettingsTree<Experiment> settings) {
        SettingsTree<Experiment> changed = TaskFlags.apply(settings, spec.commandLine().getParseResult());
        for (Map.Entry<String, String> flag : given().entrySet()) {
            changed = TaskFlags.with(
                    changed, flag.getKey(), Objects.requireNonNull(FineTuneOptions.SETTINGS.get(flag.getKey())),
                    flag.getValue());
        }
        return overrides.applyTo(changed);
    }

    /** The flags that were given, with their values, in the order in which settings can take them. */
    private Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        options.lora().ifPresent(lora -> given.put("--lora", SettingsJson.toJson(lora).toString()));
        options.teacher().ifPresent(teacher -> given.put("--teacher", SettingsJson.toJson(teacher).toString()));
        for (String flag : FineTuneOptions.SETTINGS.keySet()) {
            OptionSpec option = spec.findOption(flag);
            if (!given.containsKey(flag) && spec.commandLine().getParseResult().hasMatchedOption(option)) {
                given.put(flag, String.valueOf(option.<Object>getValue()));
            }
        }
        if (given.containsKey("--max-steps") && !given.containsKey("--epochs")) {
            given.put("--epochs", "0"); // as many as the steps make
        }
        return given;
    }
}
