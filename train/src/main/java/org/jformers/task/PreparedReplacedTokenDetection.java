package org.jformers.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jformers.checkpoint.LoadMode;
import org.jformers.data.Batch;
import org.jformers.data.MaskedTexts;
import org.jformers.data.RowEncoding;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.Shell;
import org.jformers.hub.ModelSource;
import org.jformers.model.ConfigJson;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoModel;
import org.jformers.model.auto.LoadRequest;
import org.jformers.model.kind.SingleStackModel;
import org.jformers.nn.Parameter;
import org.jformers.objective.Objective;
import org.jformers.objective.ReplacedTokens;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Seeds;
import org.jformers.training.Trainable;
import org.jformers.training.TrainedGroup;
import org.jformers.training.ValidationListener;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;
import org.jspecify.annotations.Nullable;

/** Texts in which a generator replaces tokens; trains it beside the discriminator that the run is about. */
final class PreparedReplacedTokenDetection implements PreparedTexts {
    /** The generator's folder below the model's. */
    private static final String GENERATOR = "generator";

    /** What is made small. */
    private static final String TOTAL = "total";

    private static final String FOUND = ReplacedTokens.REPLACED + "_accuracy";
    private static final List<ReportData.Measure> MEASURES = List.of(
            new ReportData.Measure("loss of the discriminator", "", 4, false),
            new ReportData.Measure("tokens told right", "%", 2, true),
            new ReportData.Measure("loss of the generator", "", 4, false),
            new ReportData.Measure("hidden tokens found", "%", 2, true));

    private final ReplacedTokenDetection task;
    private final RunStart start;
    private final TextModel base;
    private final TextExamples texts;
    private @Nullable SingleStackModel generator;

    PreparedReplacedTokenDetection(ReplacedTokenDetection task, RunStart start, Console console) {
        this.task = task;
        this.start = start;
        base = TextModel.of(start, Task.REPLACED_TOKENS);
        RowEncoding encoding = base.encoding(task.maxLength());
        MaskedTexts.Hiding hiding = new MaskedTexts.Hiding(task.maskShare(), task.hidden(), MaskedTexts.Fate.ELECTRA);
        texts = TextExamples.of(task.data(), start.experiment().seed(), encoding.maxLength(),
                some -> MaskedTexts.of(some, encoding, hiding, task.batch()), console);
    }

    @Override
    public TextExamples texts() {
        return texts;
    }

    @Override
    public Model model() {
        return start.load(LoadRequest.of(Task.REPLACED_TOKENS).withMode(LoadMode.NEW_HEAD));
    }

    @Override
    public Trainable trained(Model model) {
        close();
        SingleStackModel made = requireStack(task.generator() == null ? created() : AutoModel.load(
                ModelSource.folder(task.generator()), LoadRequest.of(Task.MASKED_LM).withMode(LoadMode.NEW_HEAD))
                .model());
        generator = made;
        return group(model, made, shared(model, made));
    }

    private static TrainedGroup group(Model model, Model made, Set<String> shared) {
        return new TrainedGroup(model, Map.of(GENERATOR, new TrainedGroup.Member(made, shared)));
    }

    /** As wide as its size says, with attention heads of the same width. */
    private Model created() {
        ObjectNode config = ConfigJson.of(base.config());
        int heads = Math.max(1, (int) Math.round(config.path("num_attention_heads").intValue() * task.generatorSize()));
        int width = config.path("hidden_size").intValue() / config.path("num_attention_heads").intValue() * heads;
        double share = (double) width / config.path("hidden_size").intValue();
        config.put("model_type", Objects.requireNonNull(
                base.config().common().values().get("model_type"), "a folder's config has its family").toString());
        config.put("num_attention_heads", heads).put("hidden_size", width).put("intermediate_size",
                Math.max(1, (int) Math.round(config.path("intermediate_size").intValue() * share)));
        return start.create(config, Task.MASKED_LM);
    }

    private static SingleStackModel requireStack(Model model) {
        if (model instanceof SingleStackModel stack) {
            return stack;
        }
        model.close();
        throw new ExperimentException("task.generator: got " + model.identity().architecture()
                + ", allowed encoders with a head for hidden tokens");
    }

    /** Makes the tables of the entrance one. */
    private static Set<String> shared(Model model, Model generator) {
        Map<String, Parameter> own = model.network().parameters();
        Map<String, Parameter> tables = new LinkedHashMap<>(generator.network().parameters());
        tables.keySet().removeIf(name -> !name.matches("body\\.input\\.(tokens|positions|segments|norm)\\..*"));
        tables.forEach((name, parameter) -> {
            Parameter other = own.get(name);
            if (other == null || !other.hasShapeOf(parameter)) {
                throw new ExperimentException("task.generator: got one whose " + name
                        + " differs in shape from the discriminator's, allowed tables of one shape");
            }
            parameter.become(other);
        });
        return tables.keySet();
    }

    private SingleStackModel generator() {
        if (generator == null) {
            throw new IllegalStateException("the generator is made with what is trained");
        }
        return generator;
    }

    @Override
    public Objective objective(Model model) {
        return new ReplacedTokens(generator(), model, task.weight(), ReplacedTokens.Sampler.LIKELY);
    }

    @Override
    public Map<String, Double> measure(Model model, Precision precision, Iterable<Batch> batches) {
        return measure(model, generator(), precision, batches);
    }

    /** The generator draws the same tokens in every evaluation. */
    private Map<String, Double> measure(
            Model model, SingleStackModel replacing, Precision precision, Iterable<Batch> batches) {
        Map<String, Double> figures;
        try (Seeds.Own own = Seeds.own(0)) {
            figures = new LinkedHashMap<>(ValidationListener.measure(
                    group(model, replacing, Set.of()),
                    new ReplacedTokens(replacing, model, task.weight(), ReplacedTokens.Sampler.LIKELY),
                    precision, batches).measures());
        }
        figures.put(TOTAL, MetricRow.figure(figures, MetricRow.LOSS)
                + task.weight() * MetricRow.figure(figures, ReplacedTokens.REPLACED));
        return figures;
    }

    @Override
    public Criterion criterion() {
        return new Criterion(TOTAL, false);
    }

    @Override
    public void complete(Path modelFolder) {
        base.tokenizer().save(modelFolder);
        generator().save(modelFolder.resolve(GENERATOR));
        base.tokenizer().save(modelFolder.resolve(GENERATOR));
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        Map<String, Double> figures;
        try (Model model = AutoModel.load(modelFolder);
                SingleStackModel replacing = requireStack(AutoModel.load(modelFolder.resolve(GENERATOR)))) {
            figures = measure(model, replacing, Precision.FLOAT32, texts.test().evaluationBatches());
        }
        double right = 100 * MetricRow.figure(figures, FOUND);
        double filled = 100 * MetricRow.figure(figures, MetricRow.ACCURACY);
        return new Outcome(
                String.format(Locale.ROOT, "%.2f %% of the tokens told right, the generator found %.2f %% of the hidden"
                        + " ones, of %,d held-out texts", right, filled, texts.rows().test().size()),
                MEASURES,
                List.of(new ReportData.Result("this model", "", List.of(
                        MetricRow.figure(figures, ReplacedTokens.REPLACED), right,
                        MetricRow.figure(figures, MetricRow.LOSS), filled))),
                List.of(), List.of());
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return new ReportData.Command("Train it for a task", "./jformers finetune "
                + Shell.quoted(modelFolder.toString())
                + " --task text-classification --train train.tsv --text text --label label");
    }

    @Override
    public String pipelineTag() {
        return "feature-extraction";
    }

    @Override
    public String dataset() {
        return Path.of(task.data().train()).getFileName().toString();
    }

    @Override
    public void close() {
        if (generator != null) {
            generator.close();
            generator = null;
        }
    }
}
