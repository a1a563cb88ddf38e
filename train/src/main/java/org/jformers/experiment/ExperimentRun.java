package org.jformers.experiment;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.data.BatchStream;
import org.jformers.data.Prefetcher;
import org.jformers.experiment.Experiment.RecordSettings;
import org.jformers.model.Model;
import org.jformers.model.surgery.Lora;
import org.jformers.model.surgery.LoraAdapter;
import org.jformers.nn.Parameter;
import org.jformers.objective.LabelSmoothing;
import org.jformers.objective.Objective;
import org.jformers.objective.SmoothedLabels;
import org.jformers.optim.Optimizer;
import org.jformers.optim.ParameterGroup;
import org.jformers.optim.WeightAverage;
import org.jformers.settings.SettingsJson;
import org.jformers.settings.SettingsTree;
import org.jformers.tensor.Device;
import org.jformers.tensor.Seeds;
import org.jformers.training.AdaptiveThreads;
import org.jformers.training.BestCheckpoint;
import org.jformers.training.CheckpointListener;
import org.jformers.training.Plateau;
import org.jformers.training.Stateful;
import org.jformers.training.Trainable;
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
 * generate} load), {@code metrics.jsonl} and {@code events/} (TensorBoard), {@code checkpoints/}, {@code report.html}
 * and its data, {@code report.json}.
 */
public final class ExperimentRun {
    private static final String SETTINGS = "experiment.json";
    private static final String MODEL = "model";
    private static final String ADAPTER = "adapter";
    private static final String BEST = "best";
    private static final String CHECKPOINTS = "checkpoints";
    private static final List<String> CHANGEABLE = List.of("training.", "schedule.", "task.evaluation.", "records.");

    /**
     * What came out of a run.
     *
     * @param headline the result in one line
     * @param commands what its folder is good for
     */
    public record Result(String headline, List<ReportData.Command> commands) {}

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
     * @return what came out
     * @throws org.jformers.JformersException if the folder holds a run already, or settings or data do not fit
     */
    public static Result start(Experiment experiment, Path folder, Console console) {
        if (isIn(folder)) {
            throw new ExperimentException(
                    "run folder: " + folder + " holds a run already; resume it, or choose another");
        }
        return device(experiment).making(() -> new ExperimentRun(experiment, folder, console).run());
    }

    /**
     * Goes on from the newest checkpoint of a run folder.
     *
     * @return what came out
     * @throws ExperimentException if the folder holds no run
     */
    public static Result resume(Path folder, Console console) {
        return resume(folder, UnaryOperator.identity(), console);
    }

    /**
     * The same with other settings of how it goes on, which the run folder holds from then on: more steps or time,
     * another schedule, other records, another evaluation. All else decides what a checkpoint means.
     *
     * @return what came out
     * @throws ExperimentException if the folder holds no run, or a setting may not change any more
     */
    public static Result resume(
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
        if (after.value().training().steps() > 0 && after.value().training().steps() < done) {
            throw new ExperimentException("training.steps: got " + after.value().training().steps() + ", allowed >= "
                    + done + ", the steps that the run in " + folder + " has taken");
        }
        if (done == 0) {
            console.say("no checkpoint to go on from: the run begins anew");
        }
        return device(after.value()).making(() -> new ExperimentRun(after.value(), folder, console).run());
    }

    /**
     * Says what a run would do: rows and labels, steps, what is trained; and how long and in how much memory, by a few
     * steps on a model that is thrown away. Nothing is written.
     *
     * @throws org.jformers.JformersException if settings, model or data do not fit
     */
    public static void plan(Experiment experiment, Console console) {
        device(experiment).making(() -> {
            estimate(experiment, console);
            return null;
        });
    }

    /** Where all of its models are. */
    private static Device device(Experiment experiment) {
        return Device.of(experiment.training().device());
    }

    private static void estimate(Experiment experiment, Console console) {
        check(experiment);
        RunStart start = RunStart.of(experiment);
        PreparedTask task = experiment.task().prepare(start, console);
        RunPlan plan = RunPlan.of(experiment, task.training());
        try (task; Seeds.Own random = Seeds.own(experiment.seed());
                Model model = task.model();
                Teacher teacher = Teacher.of(start, model)) {
            Tuning.apply(experiment, model);
            Trainable trained = task.trained(model);
            try (Optimizer optimizer = Optimizers.of(experiment, model, trained)) {
                describe(experiment, model, trained, optimizer.groups(), console);
                BatchStream stream = new BatchStream(task.training(), experiment.seed());
                plan.estimate(stream.plan(), new EpochFeed(stream, task, model, experiment.seed(), 0),
                        new TrainingLoop.Parts(
                                trained, objective(experiment, task, model, teacher), optimizer,
                                plan.schedule()),
                        console);
            }
        }
    }

    /** Whether a folder holds a run to go on with. */
    public static boolean isIn(Path folder) {
        return Files.exists(folder.resolve(SETTINGS));
    }

    /** The command that goes on with a run. */
    public static String resumeCommand(Path folder) {
        return "./jformers train --resume " + Shell.quoted(folder.toString());
    }

    private List<ReportData.Command> commands(PreparedTask task) {
        String model = Shell.quoted(folder.resolve(MODEL).toString());
        List<ReportData.Command> commands = new ArrayList<>(List.of(task.use(folder.resolve(MODEL))));
        if (task.served()) {
            commands.add(new ReportData.Command("Serve it over HTTP", "./jformers serve " + model));
        }
        commands.add(new ReportData.Command("See what the model is made of", "./jformers inspect " + model));
        commands.add(new ReportData.Command(
                "Run it again", "./jformers train " + Shell.quoted(folder.resolve(SETTINGS).toString())));
        return List.copyOf(commands);
    }

    private Result run() {
        check(experiment);
        RunStart start = RunStart.of(experiment);
        PreparedTask task = experiment.task().prepare(start, console);
        RunPlan plan = RunPlan.of(experiment, task.training());
        try (task; Seeds.Own random = Seeds.own(experiment.seed());
                Model model = task.model();
                Teacher teacher = Teacher.of(start, model)) {
            Optional<Lora> lora = Tuning.apply(experiment, model);
            Trainable trained = task.trained(model);
            Objective objective = objective(experiment, task, model, teacher);
            try (Optimizer optimizer = Optimizers.of(experiment, model, trained)) {
                describe(experiment, model, trained, optimizer.groups(), console);
                AtomicFile.write(
                        folder.resolve(SETTINGS), SettingsJson.print(experiment).getBytes(StandardCharsets.UTF_8));
                console.say("run folder " + folder);
                RunRecorder recorder = train(
                        task, plan, model, new TrainingLoop.Parts(trained, objective, optimizer, plan.schedule()));
                save(task, model, lora);
                PreparedTask.Outcome outcome = task.evaluate(folder.resolve(MODEL));
                List<ReportData.Command> commands = commands(task);
                recorder.report(outcome, commands, task);
                outcome.lines().forEach(console::say);
                return new Result(outcome.headline(), commands);
            }
        }
    }

    /**
     * Refuses settings that do not fit together, before any data is read.
     *
     * @throws org.jformers.JformersException naming the first one
     */
    public static void check(Experiment experiment) {
        experiment.task().check(experiment);
        Tuning.check(experiment);
        RunPlan.check(experiment);
    }

    private static void describe(
            Experiment experiment, Model model, Trainable trainable, List<ParameterGroup> groups, Console console) {
        long all = trainable.parameters().values().stream().filter(Parameter::trainable)
                .mapToLong(Parameter::size).sum();
        long trained = groups.stream().flatMap(group -> group.parameters().values().stream())
                .mapToLong(Parameter::size).sum();
        console.say(String.format("%s with %,d parameters%s, %s",
                model.identity().family().getClass().getSimpleName(), all,
                trained == all ? "" : String.format(", %,d of them trained", trained),
                experiment.training().precision().resolve()));
        groups.forEach(group -> console.say(group.describe()));
    }

    private RunRecorder train(PreparedTask task, RunPlan plan, Model model, TrainingLoop.Parts planned) {
        Optional<Plateau> plateau = RunPlan.plateau(experiment, plan.schedule(), task.criterion());
        Optimizer optimizer = planned.optimizer();
        TrainingLoop.Parts parts = new TrainingLoop.Parts(planned.trained(), planned.objective(), optimizer,
                plateau.isPresent() ? plateau.get() : plan.schedule());
        Path checkpoints = folder.resolve(CHECKPOINTS);
        boolean keepsBest = plan.records().model() == RecordSettings.Kept.BEST || plan.records().patience() > 0;
        BestCheckpoint best = new BestCheckpoint(checkpoints.resolve(BEST), task.criterion().measure(),
                task.criterion().higherIsBetter(), plan.records().patience());
        List<Stateful> stateful = new ArrayList<>(task.stateful());
        if (keepsBest) {
            stateful.add(best);
        }
        plateau.ifPresent(stateful::add);
        Optional<Path> newest = TrainingCheckpoint.newest(checkpoints);
        TrainingProgress progress = newest.map(checkpoint -> TrainingCheckpoint.restore(checkpoint, parts, stateful))
                .orElse(TrainingProgress.START);
        newest.ifPresent(checkpoint -> console.say(String.format("resumed from step %,d", progress.step())));
        BatchStream stream = new BatchStream(task.training(), experiment.seed());
        stream.skipTo(progress.batches());
        try (Prefetcher batches = Prefetcher.of(stream, 1, 8);
                RunRecorder recorder = new RunRecorder(
                        experiment, plan, task.unit(), folder, console, progress, batches::idleShare);
                CheckpointListener saves = new CheckpointListener(
                        checkpoints, plan.records().checkpointEvery(), plan.records().keepCheckpoints(), stateful);
                AdaptiveThreads threads = new AdaptiveThreads()) {
            List<TrainingListener> listeners = new ArrayList<>(List.of(
                    recorder,
                    new ValidationListener(plan.records().validateEvery(),
                            loop -> averaged(optimizer, () -> {
                                Map<String, Double> figures = task.validate(model, loop.settings().precision());
                                task.watched().forEach((name, rows) -> recorder.watched(loop.progress().step(), name,
                                        task.measure(model, loop.settings().precision(), rows)));
                                if (keepsBest) {
                                    best.measured(loop, figures);
                                }
                                return figures;
                            }),
                            (loop, figures) -> {
                                recorder.validated(loop.progress().step(), figures, parts.trained().parameters());
                                plateau.ifPresent(schedule -> schedule.measured(loop.progress().step(),
                                        figures.getOrDefault(task.criterion().measure(), Double.NaN)));
                            }),
                    saves,
                    new StopListener(console)));
            if (experiment.training().threads() == TrainingSettings.Threads.ADAPTIVE) {
                listeners.add(threads);
            }
            EpochFeed feed = new EpochFeed(batches, task, model, experiment.seed(), progress.batches());
            TrainingLoop loop = new TrainingLoop(parts, feed, plan.training(), listeners, progress);
            if (best.exhausted()) {
                loop.finish();
            }
            loop.run();
            if (loop.stopped()) {
                throw new RunStopped(String.format("stopped after step %,d, which is saved; go on with: %s",
                        loop.progress().step(), resumeCommand(folder)));
            }
            recorder.trained(batches.idleShare());
            if (plan.records().model() == RecordSettings.Kept.BEST) {
                best.restoreInto(parts.trained());
                console.say(String.format("kept the parameters of step %,d, the best on the validation rows",
                        best.step().orElseThrow()));
            } else if (optimizer instanceof WeightAverage average) {
                average.adopt();
                console.say("kept the average of the parameters");
            }
            return recorder;
        }
    }

    private static Objective objective(Experiment experiment, PreparedTask task, Model model, Teacher teacher) {
        TrainingSettings training = experiment.training();
        Objective plain = teacher.over(task.objective(model), model);
        return training.labelSmoothing() == 0
                ? plain
                : new SmoothedLabels(plain, model,
                        new LabelSmoothing(training.labelSmoothing(), training.smoothedOver()));
    }

    /** What is measured is what would be kept. */
    private static <T> T averaged(Optimizer optimizer, Supplier<T> measurement) {
        return optimizer instanceof WeightAverage average ? average.averaged(measurement) : measurement.get();
    }

    /** Writes the model folder; an adapter goes into a folder of its own first, the model gets it merged. */
    private void save(PreparedTask task, Model model, Optional<Lora> lora) {
        Path modelFolder = folder.resolve(MODEL);
        if (lora.isPresent()) {
            Path adapter = folder.resolve(ADAPTER);
            lora.get().save(adapter, experiment.model().from());
            try (Model merged = task.model()) {
                LoraAdapter.open(adapter).mergeInto(merged);
                merged.save(modelFolder);
            }
        } else {
            model.save(modelFolder);
        }
        task.complete(modelFolder);
    }
}
