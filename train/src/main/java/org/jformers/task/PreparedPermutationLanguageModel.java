package org.jformers.task;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.Batch;
import org.jformers.data.PermutedBlocks;
import org.jformers.data.RowEncoding;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.objective.Classification;
import org.jformers.objective.Objective;
import org.jformers.tensor.Precision;
import org.jformers.training.Trainable;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;

/** Texts of which some tokens are predicted in any order. */
final class PreparedPermutationLanguageModel implements PreparedTexts {
    private static final List<ReportData.Measure> MEASURES = List.of(
            new ReportData.Measure("loss", "", 4, false),
            new ReportData.Measure("perplexity", "", 2, false),
            new ReportData.Measure("accuracy", "%", 2, true));

    private final PermutationLanguageModel task;
    private final RunStart start;
    private final TextModel base;
    private final RunMemory memory;
    private final TextExamples texts;

    PreparedPermutationLanguageModel(PermutationLanguageModel task, RunStart start, Console console) {
        this.task = task;
        this.start = start;
        base = TextModel.of(start, Task.CAUSAL_LM);
        if (!AutoModel.inputs(base.config(), Task.CAUSAL_LM).contains("target_mapping")) {
            throw new ExperimentException("model.from: got " + start.experiment().model().from()
                    + ", which has one stream, allowed models with a second one that predicts (XLNet)");
        }
        memory = new RunMemory(task.memory(), Classification::new);
        RowEncoding encoding = base.encoding(task.maxLength());
        PermutedBlocks.Spans spans = new PermutedBlocks.Spans(task.context(), task.longestSpan());
        texts = TextExamples.of(task.data(), start.experiment().seed(), encoding.maxLength(),
                some -> PermutedBlocks.of(some, encoding, spans, task.batch(), memory.order()), console);
    }

    @Override
    public TextExamples texts() {
        return texts;
    }

    @Override
    public Model model() {
        return start.load(LoadRequest.of(Task.CAUSAL_LM).withMode(LoadMode.NEW_HEAD));
    }

    @Override
    public Trainable trained(Model model) {
        return memory.trained(model);
    }

    @Override
    public Objective objective(Model model) {
        return memory.objective(model);
    }

    @Override
    public Map<String, Double> measure(Model model, Precision precision, Iterable<Batch> batches) {
        return memory.measure(model, precision, batches).measures();
    }

    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Map<String, Double> figures = new LinkedHashMap<>(measure(model, precision, validation()));
        figures.put("perplexity", Math.exp(MetricRow.figure(figures, MetricRow.LOSS)));
        return figures;
    }

    @Override
    public void complete(Path modelFolder) {
        base.complete(modelFolder);
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        List<ReportData.Result> results = new ArrayList<>();
        List<Double> ours;
        try (Model model = AutoModel.load(modelFolder)) {
            ours = values(model);
            results.add(new ReportData.Result("this model", "", ours));
        }
        start.before(this::model, this::values).ifPresent(results::add);
        return new Outcome(
                String.format(Locale.ROOT, "perplexity %.2f, accuracy %.2f %% of the predicted tokens, of %,d held-out"
                        + " texts", ours.get(1), ours.get(2), texts.rows().test().size()),
                MEASURES, results, List.of(), List.of());
    }

    private List<Double> values(Model model) {
        Map<String, Double> figures = measure(model, Precision.FLOAT32, texts.test().evaluationBatches());
        double loss = MetricRow.figure(figures, MetricRow.LOSS);
        return List.of(loss, Math.exp(loss), 100 * MetricRow.figure(figures, MetricRow.ACCURACY));
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return new ReportData.Command("Train it for a task", "./jformers finetune "
                + Shell.quoted(modelFolder.toString())
                + " --task text-classification --train train.tsv --text text --label label");
    }

    @Override
    public String pipelineTag() {
        return "text-generation";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }

    @Override
    public void close() {
        memory.close();
    }
}
