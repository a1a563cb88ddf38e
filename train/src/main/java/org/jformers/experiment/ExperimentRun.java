package org.jformers.experiment;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.data.BatchStream;
import org.jformers.data.Prefetcher;
import org.jformers.experiment.Experiment.OptimizerSettings;
import org.jformers.experiment.Experiment.ScheduleSettings;
import org.jformers.model.AutoConfig;
import org.jformers.model.AutoModel;
import org.jformers.model.Model;
import org.jformers.nn.Parameter;
import org.jformers.optim.Adam;
import org.jformers.optim.Muon;
import org.jformers.optim.Optimizer;
import org.jformers.optim.ParameterGroup;
import org.jformers.optim.Schedule;
import org.jformers.settings.SettingsJson;
import org.jformers.settings.SettingsTree;
import org.jformers.tensor.Seeds;
import org.jformers.training.AdaptiveThreads;
import org.jformers.training.CheckpointListener;
import org.jformers.training.TrainedModel;
import org.jformers.training.TrainingCheckpoint;
import org.jformers.training.TrainingListener;
import org.jformers.training.TrainingLoop;
import org.jformers.training.TrainingProgress;
import org.jformers.training.TrainingSettings;
import org.jformers.training.ValidationListener;
import org.jformers.training.report.ReportData;

/**
 * One run of an experiment: data, training, evaluation, report, all in a run folder.
 *
 * <p>The folder holds {@code experiment.json} (runs again as it is), {@code model/} (what Python and {@code jformers
 * generate} load), {@code metrics.jsonl} and {@code events/} (TensorBoard), {@code checkpoints/} and {@code
 * report.html}.
 */
public final class ExperimentRun {
    private static final String SETTINGS = "experiment.json";
    private static final double MUON_MOMENTUM = 0.95;
    private static final String CHECKPOINTS = "checkpoints";
    private static final List<String> CHANGEABLE = List.of("training.", "schedule.", "evaluation.", "records.");

    private final Experiment experiment;
    private final Path folder;
    private final Console console;

    private ExperimentRun(Experiment experiment, Path folder, Console console) {
        this.experiment = experiment;
        this.folder = folder;
        this.console = console;
    }

    /**
     * Runs an experiment in a new folder. The folder holds a run from the moment on when its data is read and its model
     * made, so that one that failed before can be started again.
     *
     * @return the result in one line
     * @throws org.jformers.JformersException if the folder holds a run already, or settings or data do not fit
     */
    public static String start(Experiment experiment, Path folder, Console console) {
        if (isIn(folder)) {
            throw new ExperimentException(
                    "run folder: " + folder + " holds a run already; resume it, or choose another");
        }
        return new ExperimentRun(experiment, folder, console).run();
    }

    /**
     * Goes on from the newest checkpoint of a run folder.
     *
     * @return the result in one line
     * @throws ExperimentException if the folder holds no run
     */
    public static String resume(Path folder, Console console) {
        return resume(folder, UnaryOperator.identity(), console);
    }

    /**
     * The same with other settings of how it goes on, which the run folder holds from then on: more steps or time,
     * another schedule, other records, another evaluation. All else decides what a checkpoint means.
     *
     * @return the result in one line
     * @throws ExperimentException if the folder holds no run, or a setting may not change any more
     */
    public static String resume(
            Path folder, UnaryOperator<SettingsTree<Experiment>> change, Console console) {
        if (!isIn(folder)) {
            throw new ExperimentException("run folder: no " + SETTINGS + " in " + folder
                    + ", which holds no run to go on with");
        }
        SettingsTree<Experiment> before = SettingsTree.of(
                SettingsJson.load(folder.resolve(SETTINGS), Experiment.class));
        SettingsTree<Experiment> after = change.apply(before);
        before.differencesTo(after).stream()
                .map(SettingsTree.Difference::path)
                .filter(path -> CHANGEABLE.stream().noneMatch(path::startsWith))
                .findFirst()
                .ifPresent(path -> {
                    throw new ExperimentException("run folder: got another " + path + " for a run that goes on,"
                            + " allowed: settings under " + String.join(", ", CHANGEABLE) + " in " + folder);
                });
        long done = TrainingCheckpoint.newest(folder.resolve(CHECKPOINTS))
                .map(checkpoint -> TrainingCheckpoint.progress(checkpoint).step())
                .orElse(0L);
        if (after.value().training().steps() < done) {
            throw new ExperimentException("training.steps: got " + after.value().training().steps() + ", allowed >= "
                    + done + ", the steps that the run in " + folder + " has taken");
        }
        if (done == 0) {
            console.say("no checkpoint to go on from: the run begins anew");
        }
        return new ExperimentRun(after.value(), folder, console).run();
    }

    /** Whether a folder holds a run to go on with. */
    public static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(SETTINGS));
    }

    /** The command that goes on with a run. */
    public static String resumeCommand(Path folder) {
        return "./jformers train --resume " + quoted(folder);
    }

    /** A path as a shell reads it back. */
    private static String quoted(Path path) {
        String text = path.toString();
        return text.matches("[\\w./=+:@-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /** Commands that a finished run folder is good for. */
    public static List<ReportData.Command> commands(Path folder) {
        return commands(folder, SettingsJson.load(folder.resolve(SETTINGS), Experiment.class));
    }

    static List<ReportData.Command> commands(Path folder, Experiment experiment) {
        String model = quoted(folder.resolve("model"));
        ReportData.Command use = switch (experiment.objective()) {
            case LANGUAGE_MODEL -> new ReportData.Command(
                    "Let the model write", "./jformers generate --model " + model + " --prompt \"volcano:\"");
            case SEQUENCE_TO_SEQUENCE -> new ReportData.Command(
                    "Use the model and see where it looked",
                    "./jformers translate --model " + model + " \""
                            + (experiment.data().source().equals("cmudict") ? "transformer" : "your text")
                            + "\" --plot attention.svg");
        };
        return List.of(use,
                new ReportData.Command("See what the model is made of", "./jformers inspect " + model),
                new ReportData.Command("Run it again", "./jformers train " + quoted(folder.resolve(SETTINGS))));
    }

    private String run() {
        Consistency.require(experiment);
        Schedule schedule = schedule();
        Adam.Settings settings = adam();
        Recipe recipe = switch (experiment.objective()) {
            case SEQUENCE_TO_SEQUENCE -> new SequenceToSequenceRecipe(experiment, console);
            case LANGUAGE_MODEL -> new LanguageModelRecipe(experiment, console);
        };
        var config = AutoConfig.parse(recipe.modelConfig(), "experiment " + experiment.name());
        try (Seeds.Own random = Seeds.own(experiment.seed());
                Model model = AutoModel.create(config, recipe.task(), experiment.seed());
                Optimizer optimizer = optimizer(settings, model)) {
            console.say(String.format("%s with %,d parameters, %s",
                    model.identity().family().getClass().getSimpleName(),
                    model.network().parameterCount(), experiment.training().precision().resolve()));
            AtomicFile.write(
                    folder.resolve(SETTINGS), SettingsJson.print(experiment).getBytes(StandardCharsets.UTF_8));
            console.say("run folder " + folder);
            RunRecorder recorder =
                    train(recipe, new TrainingLoop.Parts(
                            new TrainedModel(model), recipe.objective(model), optimizer, schedule));
            Path modelFolder = folder.resolve("model");
            model.save(modelFolder);
            recipe.complete(modelFolder);
            Recipe.Outcome outcome = recipe.evaluate(modelFolder);
            recorder.report(outcome);
            outcome.lines().forEach(console::say);
            return outcome.headline();
        }
    }

    private RunRecorder train(Recipe recipe, TrainingLoop.Parts parts) {
        Path checkpoints = folder.resolve(CHECKPOINTS);
        Optional<Path> newest = TrainingCheckpoint.newest(checkpoints);
        TrainingProgress progress = newest.map(checkpoint -> TrainingCheckpoint.restore(checkpoint, parts, List.of()))
                .orElse(TrainingProgress.START);
        newest.ifPresent(checkpoint -> console.say(String.format("resumed from step %,d", progress.step())));
        BatchStream stream = new BatchStream(recipe.training(), experiment.seed());
        stream.skipTo(progress.batches());
        var records = experiment.records();
        try (Prefetcher batches = Prefetcher.of(stream, 1, 8);
                RunRecorder recorder = new RunRecorder(experiment, folder, console, progress);
                CheckpointListener saves = new CheckpointListener(
                        checkpoints, records.checkpointEvery(), records.keepCheckpoints());
                AdaptiveThreads threads = new AdaptiveThreads()) {
            List<TrainingListener> listeners = new ArrayList<>(List.of(
                    recorder,
                    new ValidationListener(recipe.validation(), records.validateEvery(), recorder::validated),
                    saves,
                    new StopListener(console)));
            if (experiment.training().threads() == TrainingSettings.Threads.ADAPTIVE) {
                listeners.add(threads);
            }
            TrainingLoop loop = new TrainingLoop(parts, batches, experiment.training(), listeners, progress);
            loop.run();
            if (loop.stopped()) {
                throw new RunStopped(String.format("stopped after step %,d, which is saved; go on with: %s",
                        loop.progress().step(), resumeCommand(folder)));
            }
            recorder.trained(batches.idleShare());
            return recorder;
        }
    }

    private Optimizer optimizer(Adam.Settings adam, Model model) {
        Map<String, Parameter> parameters = model.network().parameters();
        return experiment.optimizer().kind() == OptimizerSettings.Kind.MUON
                ? new Muon(MUON_MOMENTUM, adam, ParameterGroup.byDecay(parameters, adam.weightDecay()))
                : new Adam(adam, parameters);
    }

    private Adam.Settings adam() {
        OptimizerSettings s = experiment.optimizer();
        Adam.Decay decay = s.kind() == OptimizerSettings.Kind.ADAM ? Adam.Decay.COUPLED : Adam.Decay.DECOUPLED;
        return new Adam.Settings(decay, s.beta1(), s.beta2(), s.epsilon(), s.weightDecay());
    }

    private Schedule schedule() {
        ScheduleSettings s = experiment.schedule();
        int steps = experiment.training().steps();
        return switch (s.kind()) {
            case CONSTANT -> new Schedule.Constant(s.learningRate());
            case LINEAR -> new Schedule.Linear(s.learningRate(), s.warmupSteps(), steps);
            case COSINE -> new Schedule.Cosine(s.learningRate(), s.warmupSteps(), steps, 0);
            case NOAM -> new Schedule.Noam(s.learningRate(), width(), s.warmupSteps());
        };
    }

    private int width() {
        if (!experiment.model().path("d_model").isInt()) {
            throw new ExperimentException("schedule.kind: got noam for a model without d_model, allowed for vaswani");
        }
        return experiment.model().get("d_model").intValue();
    }
}
