package org.jformers.experiment;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.EpochPlan;
import org.jformers.experiment.Experiment.PlateauSettings;
import org.jformers.experiment.Experiment.RecordSettings;
import org.jformers.experiment.Experiment.ScheduleSettings;
import org.jformers.optim.Schedule;
import org.jformers.training.Plateau;
import org.jformers.training.StepReport;
import org.jformers.training.TrainingListener;
import org.jformers.training.TrainingLoop;
import org.jformers.training.TrainingProgress;
import org.jformers.training.TrainingSettings;
import org.jformers.training.report.Numbers;

/**
 * How long a run is, once the data are known: epochs in steps.
 *
 * @param stepsPerEpoch optimizer steps of the first pass over the data, rounded up
 * @param training the settings with the number of steps
 * @param records the settings with numbers of steps in place of once an epoch
 * @param schedule the learning rate over those steps
 */
record RunPlan(int stepsPerEpoch, TrainingSettings training, RecordSettings records, Schedule schedule) {
    /** Kinds that do not know where a run ends. */
    private static final Set<ScheduleSettings.Kind> ENDLESS = EnumSet.of(
            ScheduleSettings.Kind.CONSTANT, ScheduleSettings.Kind.INVERSE_SQRT, ScheduleSettings.Kind.NOAM);
    /** Steps that an estimate is made by. */
    private static final int TRIED = 10;

    static RunPlan of(Experiment experiment, BatchedExamples examples) {
        TrainingSettings training = experiment.training();
        int perEpoch = steps(examples.epoch(experiment.seed(), 0).batches().length, training.accumulation());
        int steps = training.steps();
        if (training.epochs() > 0) {
            long batches = 0;
            for (int epoch = 0; epoch < training.epochs(); epoch++) {
                batches += examples.epoch(experiment.seed(), epoch).batches().length;
            }
            int all = steps(batches, training.accumulation());
            steps = steps == 0 ? all : Math.min(steps, all);
        }
        RecordSettings records = experiment.records();
        return new RunPlan(perEpoch, training.withSteps(steps), new RecordSettings(
                records.logEvery(),
                records.validateEvery() == 0 ? perEpoch : records.validateEvery(),
                records.checkpointEvery() == 0 ? perEpoch : records.checkpointEvery(),
                records.keepCheckpoints(), records.model(), records.patience()),
                schedule(experiment, steps));
    }

    /**
     * Says how long the run is, and what time and memory it will take as far as a few steps tell.
     *
     * @param epoch the batches of the first epoch
     * @param batches from the first on
     * @param parts what is trained; it is of no use afterwards
     */
    void estimate(EpochPlan epoch, Iterator<Batch> batches, TrainingLoop.Parts parts, Console console) {
        console.say(String.format(Locale.ROOT, "%,d steps, %,d an epoch; %.0f %% of the places of a batch are padding;"
                        + " validation every %,d steps",
                training.steps(), stepsPerEpoch, 100 * epoch.paddingShare(), records.validateEvery()));
        List<Double> seconds = new ArrayList<>();
        TrainingListener clock = new TrainingListener() {
            @Override
            public void afterStep(TrainingLoop loop, StepReport report) {
                seconds.add(report.seconds());
            }
        };
        new TrainingLoop(parts, batches, training.withSteps(TRIED), List.of(clock),
                TrainingProgress.START).run();
        // The first steps make what later ones find made.
        double each = seconds.subList(TRIED / 2, TRIED).stream()
                .mapToDouble(Double::doubleValue).average().orElseThrow();
        console.say(String.format(Locale.ROOT, "about %.3f s a step, %s in all without validation; %,.0f MB in memory"
                        + " now, by %d steps tried",
                each, Numbers.duration(each * training.steps()), ResidentMemory.megabytes(), TRIED));
    }

    private static int steps(long batches, int accumulation) {
        return Math.toIntExact((batches + accumulation - 1) / accumulation);
    }

    private static Schedule schedule(Experiment experiment, int steps) {
        ScheduleSettings settings = experiment.schedule();
        int warmup = settings.warmupRatio() > 0
                ? (int) Math.ceil(settings.warmupRatio() * steps)
                : settings.warmupSteps();
        double rate = settings.learningRate();
        double share = settings.finalShare();
        return switch (settings.kind()) {
            case CONSTANT -> new Schedule.Constant(rate, warmup);
            case LINEAR -> share == 0
                    ? new Schedule.Linear(rate, warmup, steps)
                    : new Schedule.Polynomial(rate, warmup, steps, share * rate, 1);
            case COSINE -> new Schedule.Cosine(rate, warmup, steps, share);
            case COSINE_RESTARTS -> new Schedule.CosineRestarts(rate, warmup, steps, settings.cycles());
            case POLYNOMIAL -> new Schedule.Polynomial(rate, warmup, steps, share * rate, settings.power());
            case INVERSE_SQRT -> new Schedule.InverseSquareRoot(rate, warmup, Math.max(1, warmup));
            case WARMUP_STABLE_DECAY -> {
                int down = Math.min(steps - warmup, (int) Math.ceil(settings.decayRatio() * steps));
                yield new Schedule.WarmupStableDecay(rate, warmup, steps - warmup - down, down, share,
                        Schedule.Shape.LINEAR, settings.decayShape());
            }
            case EXPONENTIAL -> new Schedule.Pieces(
                    List.of(new Schedule.Constant(rate, warmup), new Schedule.Geometric(
                            new Schedule.Point(0, rate),
                            new Schedule.Point(Math.max(1, steps - warmup), share * rate))),
                    List.of(warmup));
            case NOAM -> new Schedule.Noam(rate, width(experiment), warmup);
        };
    }

    private static int width(Experiment experiment) {
        return experiment.model().config().path("d_model").intValue();
    }

    /**
     * Refuses settings that do not fit together, before any data is read.
     *
     * @throws ExperimentException naming the first one
     */
    static void check(Experiment experiment) {
        RecordSettings records = experiment.records();
        atLeast("records.log_every", records.logEvery(), 1);
        atLeast("records.validate_every", records.validateEvery(), 0);
        atLeast("records.checkpoint_every", records.checkpointEvery(), 0);
        atLeast("records.keep_checkpoints", records.keepCheckpoints(), 1);
        atLeast("records.patience", records.patience(), 0);
        ScheduleSettings schedule = experiment.schedule();
        if (!(schedule.learningRate() > 0)) {
            throw new ExperimentException(
                    "schedule.learning_rate: got " + schedule.learningRate() + ", allowed > 0");
        }
        if (!(schedule.warmupRatio() >= 0 && schedule.warmupRatio() < 1)) {
            throw new ExperimentException(
                    "schedule.warmup_ratio: got " + schedule.warmupRatio() + ", allowed in [0, 1)");
        }
        if (schedule.warmupRatio() > 0 && schedule.warmupSteps() > 0) {
            throw new ExperimentException("schedule.warmup_steps: got " + schedule.warmupSteps()
                    + " beside a warmup_ratio, allowed one of them");
        }
        if (schedule.kind() == ScheduleSettings.Kind.NOAM) {
            if (!experiment.model().config().path("d_model").isInt()) {
                throw new ExperimentException(
                        "schedule.kind: got noam for a model without d_model, allowed for vaswani");
            }
            atLeast("schedule.warmup_steps", schedule.warmupSteps(), 1);
        }
        checkWay(schedule);
        int steps = experiment.training().steps();
        boolean ends = !ENDLESS.contains(schedule.kind());
        if (schedule.warmupSteps() < 0 || ends && steps > 0 && schedule.warmupSteps() > steps) {
            throw new ExperimentException("schedule.warmup_steps: got " + schedule.warmupSteps()
                    + ", allowed 0 to training.steps (" + steps + ")");
        }
    }

    private static void checkWay(ScheduleSettings schedule) {
        double share = schedule.finalShare();
        boolean exponential = schedule.kind() == ScheduleSettings.Kind.EXPONENTIAL;
        if (!(share >= 0 && share <= 1) || exponential && share == 0) {
            throw new ExperimentException("schedule.final_share: got " + share
                    + (exponential ? ", allowed in (0, 1] for exponential" : ", allowed in [0, 1]"));
        }
        atLeast("schedule.cycles", schedule.cycles(), 1);
        if (!(schedule.power() > 0)) {
            throw new ExperimentException("schedule.power: got " + schedule.power() + ", allowed > 0");
        }
        if (!(schedule.decayRatio() > 0 && schedule.decayRatio() <= 1)) {
            throw new ExperimentException(
                    "schedule.decay_ratio: got " + schedule.decayRatio() + ", allowed in (0, 1]");
        }
        schedule.plateau().ifPresent(plateau -> plateau(plateau, true));
    }

    private static Plateau.Settings plateau(PlateauSettings settings, boolean higherIsBetter) {
        return new Plateau.Settings(
                higherIsBetter, settings.tolerance(), settings.window(), settings.decay(), settings.least());
    }

    /** The schedule with a factor that falls where a figure gets no better, if the settings ask for it. */
    static Optional<Plateau> plateau(Experiment experiment, Schedule schedule, PreparedTask.Criterion criterion) {
        return experiment.schedule().plateau()
                .map(settings -> new Plateau(schedule, plateau(settings, criterion.higherIsBetter())));
    }

    private static void atLeast(String path, int got, int least) {
        if (got < least) {
            throw new ExperimentException(path + ": got " + got + ", allowed >= " + least);
        }
    }
}
