package org.jformers.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jformers.data.Batch;
import org.jformers.data.BatchedExamples;
import org.jformers.data.MixedExamples;
import org.jformers.data.Mixing;
import org.jformers.experiment.Console;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.model.Model;
import org.jformers.nn.Parameter;
import org.jformers.objective.MixedObjective;
import org.jformers.objective.Objective;
import org.jformers.tensor.Precision;
import org.jformers.training.Stateful;
import org.jformers.training.Trainable;
import org.jformers.training.TrainedGroup;
import org.jformers.training.TrainedModel;
import org.jformers.training.report.MetricRow;
import org.jformers.training.report.ReportData;
import org.jspecify.annotations.Nullable;

/**
 * Tasks with their data, mixed. The model of the first task is the run's; a task that needs another head has a model of
 * its own, which has all its other parameters from the first.
 */
final class PreparedMixture implements PreparedTask {
    private final Mixture task;
    private final RunStart start;
    private final List<String> names;
    private final List<Mixture.Part> settings;
    private final List<PreparedTask> parts = new ArrayList<>();
    private final MixedExamples training;
    private final double[] shares;
    private final Map<String, Model> own = new LinkedHashMap<>();
    private @Nullable Trainable trained;
    private @Nullable MixedObjective objective;

    PreparedMixture(Mixture task, RunStart start, Console console) {
        this.task = task;
        this.start = start;
        names = List.copyOf(task.tasks().keySet());
        settings = List.copyOf(task.tasks().values());
        for (int i = 0; i < names.size(); i++) {
            console.say("task " + names.get(i));
            parts.add(settings.get(i).task().prepare(start, console));
            if (!parts.get(i).stateful().isEmpty()) {
                throw new ExperimentException("task.parts." + names.get(i) + ": got a task whose examples follow from"
                        + " what the model has become, allowed those that follow from the seed");
            }
        }
        List<BatchedExamples> examples = parts.stream().map(PreparedTask::training).toList();
        List<Integer> batches = examples.stream()
                .map(part -> part.epoch(start.experiment().seed(), 0).batches().length).toList();
        Mixing mixing = task.mixing(batches);
        training = new MixedExamples(examples, mixing, task.epochBatches() > 0
                ? task.epochBatches()
                : batches.stream().mapToInt(Integer::intValue).sum());
        shares = mixing.shares(0);
        console.say(IntStream.range(0, names.size()).mapToObj(i -> String.format(Locale.ROOT,
                        "%s %.1f %% of the batches (%,d of its own)", names.get(i), 100 * shares[i], batches.get(i)))
                .collect(Collectors.joining(", ")));
    }

    @Override
    public BatchedExamples training() {
        return training;
    }

    @Override
    public Iterable<Batch> validation() {
        return training.evaluationBatches();
    }

    /** What a task watches besides, so that it is known whose it is. */
    private record Watched(int part, Iterable<Batch> batches) implements Iterable<Batch> {
        @Override
        public Iterator<Batch> iterator() {
            return batches.iterator();
        }
    }

    @Override
    public Map<String, Iterable<Batch>> watched() {
        Map<String, Iterable<Batch>> all = new LinkedHashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            int part = i;
            parts.get(i).watched().forEach((name, batches) ->
                    all.put(names.get(part) + "." + name, new Watched(part, batches)));
        }
        return all;
    }

    @Override
    public Model model() {
        return parts.get(0).model();
    }

    @Override
    public Trainable trained(Model model) {
        closeModels();
        Map<String, TrainedGroup.Member> members = new LinkedHashMap<>();
        for (int i = 1; i < parts.size(); i++) {
            Model other = parts.get(i).model();
            if (isOne(model, other)) {
                other.close();
            } else {
                own.put(names.get(i), other);
                members.put(names.get(i), new TrainedGroup.Member(other, shared(names.get(i), model, other)));
            }
        }
        for (int i = 0; i < parts.size(); i++) {
            if (!(parts.get(i).trained(model(i, model)) instanceof TrainedModel)) {
                throw new ExperimentException("task.parts." + names.get(i) + ": got a task that trains or keeps more"
                        + " than a model, allowed tasks of one model without a memory");
            }
        }
        if (!own.isEmpty() && start.experiment().model().lora().isPresent()) {
            throw new ExperimentException("model.lora: got an adapter for tasks with heads of their own, "
                    + own.keySet() + ", allowed null");
        }
        Trainable all = members.isEmpty() ? new TrainedModel(model) : new TrainedGroup(model, members);
        trained = all;
        return all;
    }

    /** Whether a task can do with the first one's model: the same parameters, none of a new head, the same labels. */
    private static boolean isOne(Model first, Model other) {
        Map<String, Parameter> parameters = first.network().parameters();
        Map<String, Parameter> others = other.network().parameters();
        return first.identity().architecture().equals(other.identity().architecture())
                && Objects.equals(labels(first), labels(other))
                && parameters.keySet().containsAll(others.keySet())
                && others.entrySet().stream().allMatch(entry -> !entry.getValue().random()
                        && isAlike(parameters.get(entry.getKey()), entry.getValue()));
    }

    private static @Nullable Object labels(Model model) {
        return model.identity().config().common().values().get("id2label");
    }

    private static boolean isAlike(@Nullable Parameter first, Parameter other) {
        return first != null && !first.random() && first.hasShapeOf(other);
    }

    /** Makes all parameters one that both have. */
    private static Set<String> shared(String name, Model first, Model other) {
        Map<String, Parameter> parameters = first.network().parameters();
        Set<String> shared = new HashSet<>();
        other.network().parameters().forEach((path, parameter) -> {
            Parameter known = parameters.get(path);
            if (isAlike(known, parameter) && !parameter.random() && !path.startsWith("head.")) {
                parameter.become(Objects.requireNonNull(known));
                shared.add(path);
            }
        });
        if (shared.isEmpty()) {
            throw new ExperimentException("task.parts." + name + ": got " + other.identity().architecture()
                    + ", which has no parameters in common with " + first.identity().architecture()
                    + ", allowed tasks of one family");
        }
        return shared;
    }

    private Model model(int part, Model first) {
        return own.getOrDefault(names.get(part), first);
    }

    @Override
    public Objective objective(Model model) {
        Trainable all = Objects.requireNonNull(trained, "what is trained is made before its objective");
        List<MixedObjective.Part> objectives = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            objectives.add(new MixedObjective.Part(
                    names.get(i), parts.get(i).objective(model(i, model)), still(i, all)));
        }
        objective = new MixedObjective(objectives, task.counting(), all.parameters().values());
        return objective;
    }

    /** What a task leaves as it is. */
    private Set<Parameter> still(int part, Trainable all) {
        Pattern moves = settings.get(part).moves();
        if (moves == null) {
            return Set.of();
        }
        Set<Parameter> still = all.parameters().entrySet().stream()
                .filter(entry -> all.storedNames(entry.getKey()).stream().noneMatch(name -> moves.matcher(name).find()))
                .map(Map.Entry::getValue)
                .collect(Collectors.toSet());
        if (still.size() == all.parameters().size()) {
            throw new ExperimentException("task.parts." + names.get(part) + ".moves: got " + moves
                    + ", which finds none of the names, allowed for example one that finds "
                    + all.storedNames(all.parameters().keySet().iterator().next()));
        }
        return still;
    }

    @Override
    public List<Stateful> stateful() {
        return List.of(new LabelCounts());
    }

    /** How many labels each task has given. */
    private final class LabelCounts implements Stateful {
        @Override
        public String name() {
            return "mixture";
        }

        @Override
        public JsonNode state() {
            ObjectNode state = JsonNodeFactory.instance.objectNode();
            for (int i = 0; i < names.size(); i++) {
                state.put(names.get(i), labels(i));
            }
            return state;
        }

        @Override
        public void restore(JsonNode state) {
            for (int i = 0; i < names.size(); i++) {
                Objects.requireNonNull(objective).restoreLabels(i, state.path(names.get(i)).longValue());
            }
        }
    }

    private long labels(int part) {
        return objective == null ? 0 : objective.labels(part);
    }

    /** The figures of each task behind its name; the loss is the mean of theirs by how often they come at first. */
    @Override
    public Map<String, Double> validate(Model model, Precision precision) {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put(MetricRow.LOSS, 0.0);
        for (int i = 0; i < parts.size(); i++) {
            String name = names.get(i);
            Map<String, Double> each = parts.get(i).validate(model(i, model), precision);
            each.forEach((figure, value) -> figures.put(name + "." + figure, value));
            figures.put(name + ".labels", (double) labels(i));
            figures.merge(MetricRow.LOSS, shares[i] * MetricRow.figure(each, MetricRow.LOSS), Double::sum);
        }
        return figures;
    }

    @Override
    public Map<String, Double> measure(Model model, Precision precision, Iterable<Batch> batches) {
        if (!(batches instanceof Watched watched)) {
            throw new IllegalArgumentException("mixture: got batches that are no task's");
        }
        return parts.get(watched.part).measure(model(watched.part, model), precision, watched.batches);
    }

    @Override
    public void complete(Path modelFolder) {
        parts.get(0).complete(modelFolder);
        for (int i = 1; i < parts.size(); i++) {
            Model other = own.get(names.get(i));
            if (other != null) {
                other.save(modelFolder.resolve(names.get(i)));
                parts.get(i).complete(modelFolder.resolve(names.get(i)));
            }
        }
    }

    @Override
    public Outcome evaluate(Path modelFolder) {
        List<String> headlines = new ArrayList<>();
        List<ReportData.Measure> measures = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        List<ReportData.Sample> samples = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            String name = names.get(i);
            Outcome outcome = parts.get(i).evaluate(own.containsKey(name) ? modelFolder.resolve(name) : modelFolder);
            headlines.add(name + ": " + outcome.headline());
            outcome.measures().forEach(measure -> measures.add(new ReportData.Measure(
                    name + ", " + measure.name(), measure.unit(), measure.decimals(), measure.higherIsBetter())));
            values.addAll(outcome.results().get(0).values());
            samples.addAll(outcome.samples());
        }
        return new Outcome(String.join("; ", headlines), measures,
                List.of(new ReportData.Result("this model", "", values)), samples, List.of());
    }

    @Override
    public ReportData.Command use(Path modelFolder) {
        return parts.get(0).use(modelFolder);
    }

    @Override
    public boolean served() {
        return parts.get(0).served();
    }

    @Override
    public String unit() {
        Collection<String> units = parts.stream().map(PreparedTask::unit).collect(Collectors.toSet());
        return units.size() == 1 ? units.iterator().next() : "labels";
    }

    @Override
    public String pipelineTag() {
        return parts.get(0).pipelineTag();
    }

    @Override
    public String dataset() {
        return parts.stream().map(PreparedTask::dataset).distinct().collect(Collectors.joining(", "));
    }

    private void closeModels() {
        own.values().forEach(Model::close);
        own.clear();
    }

    @Override
    public void close() {
        closeModels();
        parts.forEach(PreparedTask::close);
    }
}
