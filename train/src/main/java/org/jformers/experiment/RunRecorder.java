package org.jformers.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.jformers.checkpoint.AtomicFile;
import org.jformers.nn.Parameter;
import org.jformers.optim.ParameterNorms;
import org.jformers.settings.SettingsJson;
import org.jformers.training.StepReport;
import org.jformers.training.TrainingListener;
import org.jformers.training.TrainingLoop;
import org.jformers.training.TrainingProgress;
import org.jformers.training.report.HtmlReport;
import org.jformers.training.report.MetricLog;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ModelCard;
import org.jformers.training.report.ReportData;
import org.jformers.training.report.RunFacts;
import org.jformers.training.report.TensorBoardWriter;

/** Writes down what happens in a run: metrics as they come, the report at the end. */
final class RunRecorder implements TrainingListener, AutoCloseable {
    private static final String DATA = "report.json";

    private final Experiment experiment;
    private final RunPlan plan;
    private final String unit;
    private final Path folder;
    private final Console console;
    private final MetricLog log;
    private final TensorBoardWriter events;
    private final DoubleSupplier idle;
    private final ProcessorLoad load = new ProcessorLoad();
    private final String started = Instant.now().toString();
    private final Map<String, Mean> terms = new LinkedHashMap<>();
    private double lossSum;
    private long labels;
    private double seconds;
    private double lastLoss;
    private double lastRate;
    private double idleShare;
    private TrainingProgress progress;
    private Map<String, Parameter> parameters = Map.of();

    /** @param idle share of the time so far in which the model waited for data */
    RunRecorder(Experiment experiment, RunPlan plan, String unit, Path folder, Console console,
            TrainingProgress progress, DoubleSupplier idle) {
        this.idle = idle;
        this.experiment = experiment;
        this.plan = plan;
        this.unit = unit;
        console.counts(unit);
        this.folder = folder;
        this.console = console;
        this.progress = progress;
        log = MetricLog.resume(folder.resolve("metrics.jsonl"), progress.step());
        events = TensorBoardWriter.resume(folder.resolve("events"), progress.step());
        console.progress(progress.step(), plan.training().steps(), Double.NaN, Double.NaN);
    }

    @Override
    public void afterStep(TrainingLoop loop, StepReport report) {
        if (report.skipped()) {
            console.say(String.format(Locale.ROOT,
                    "step %,d left out: its loss is %.4f, the norm of its gradients %.4f; %,d of %,d so far",
                    report.step(), report.loss(), report.gradientNorm(), loop.progress().skipped(),
                    plan.training().skips()));
        } else {
            lossSum += report.loss() * report.labels();
            labels += report.labels();
            report.terms().forEach((name, value) ->
                    terms.computeIfAbsent(name, term -> new Mean()).add(value, report.labels()));
        }
        seconds += report.seconds();
        if (report.step() % plan.records().logEvery() == 0) {
            double loss = lossSum / labels; // no number where all steps were left out
            Map<String, Double> values = new LinkedHashMap<>();
            values.put(MetricRow.LOSS, loss);
            terms.forEach((name, mean) -> values.putIfAbsent(name, mean.sum / mean.labels)); // the loss is all of them
            values.put(MetricRow.LEARNING_RATE, report.learningRate());
            values.put(MetricRow.perSecond(unit), labels / seconds);
            values.put("gradient_norm", report.gradientNorm());
            values.put("resident_megabytes", ResidentMemory.megabytes());
            values.put("processor_load", load.share());
            values.put("data_idle_share", idle.getAsDouble());
            values.put(unit, (double) loop.progress().tokens());
            if (plan.training().skips() > 0) {
                values.put("skipped_steps", (double) loop.progress().skipped());
            }
            append(report.step(), MetricRow.TRAIN, values);
            lastLoss = loss;
            lastRate = labels / seconds;
            console.progress(report.step(), loop.expectedSteps(), lastLoss, lastRate);
            lossSum = 0;
            labels = 0;
            seconds = 0;
            terms.clear();
        }
    }

    /** Of a term over the steps that had it. */
    private static final class Mean {
        private double sum;
        private long labels;

        void add(double value, long of) {
            sum += value * of;
            labels += of;
        }
    }

    @Override
    public void afterTraining(TrainingLoop loop) {
        progress = loop.progress();
        parameters = loop.parts().trained().parameters();
    }

    /**
     * A measurement on the validation rows.
     *
     * @param measured the parameters, whose norms are written down along
     */
    void validated(long step, Map<String, Double> figures, Map<String, Parameter> measured) {
        append(step, MetricRow.EVAL, figures);
        append(step, MetricRow.NORMS, ParameterNorms.byPart(measured));
        console.say(String.format(Locale.ROOT, "step %,d: validation ", step) + figures.entrySet().stream()
                .map(figure -> figure.getKey().replace('_', ' ') + " " + (figure.getKey().equals(MetricRow.ACCURACY)
                        ? String.format(Locale.ROOT, "%.1f %%", 100 * figure.getValue())
                        : String.format(Locale.ROOT, "%.4f", figure.getValue())))
                .collect(Collectors.joining(", ")));
    }

    /** A measurement on further rows. */
    void watched(long step, String name, Map<String, Double> figures) {
        append(step, name, figures);
        console.say(String.format(Locale.ROOT, "step %,d: %s loss %.4f", step, name, figures.get(MetricRow.LOSS)));
    }

    /** Training is over; the model waited this share of its time for data. */
    void trained(double share) {
        idleShare = share;
        // Time may have ended the run before its last step.
        console.progress(progress.step(), progress.step(), lastLoss, lastRate);
        console.say(String.format(Locale.ROOT,
                "trained %,d steps in %.0f s, waiting for data %.1f %% of it",
                progress.step(), progress.seconds(), 100 * share));
        console.trained();
    }

    /** Writes report.html with its data beside it, and the card of the model. */
    void report(PreparedTask.Outcome outcome, List<ReportData.Command> commands, PreparedTask task) {
        long trained = parameters.values().stream().mapToLong(Parameter::size).sum();
        RunFacts facts = new RunFacts(started, progress.seconds(), progress.step(), progress.tokens(), unit, trained,
                experiment.seed(),
                experiment.training().precision().resolve().name().toLowerCase(Locale.ROOT),
                idleShare, RunMachine.describe());
        Map<String, Long> byPart = new LinkedHashMap<>();
        parameters.forEach((name, parameter) ->
                byPart.merge(ParameterNorms.part(name), parameter.size(), Long::sum));
        List<ReportData.Part> parts = byPart.entrySet().stream()
                .map(entry -> new ReportData.Part(entry.getKey(), entry.getValue()))
                .toList();
        ReportData data = new ReportData(experiment.name(), experiment.description(), outcome.headline(),
                commands, outcome.measures(), outcome.results(), outcome.samples(), outcome.errors(),
                outcome.attention(), parts, facts, SettingsJson.toJson(experiment));
        new ModelCard(data, task.pipelineTag(), task.dataset()).write(folder.resolve("model"));
        AtomicFile.write(folder.resolve(DATA), json(data));
        HtmlReport.write(folder.resolve("report.html"), data, MetricLog.read(folder.resolve("metrics.jsonl")));
    }

    private static byte[] json(ReportData data) {
        try {
            return new ObjectMapper().writeValueAsBytes(data);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report is plain data", e);
        }
    }

    private void append(long step, String split, Map<String, Double> values) {
        MetricRow row = new MetricRow(step, split, System.currentTimeMillis() / 1e3, values);
        log.append(row);
        events.append(row);
    }

    @Override
    public void close() {
        log.close();
        events.close();
    }
}
