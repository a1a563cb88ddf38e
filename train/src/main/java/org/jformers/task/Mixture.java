package org.jformers.task;

import static org.jformers.task.Checks.atLeast;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jformers.JformersException;
import org.jformers.data.Mixing;
import org.jformers.experiment.Console;
import org.jformers.experiment.Experiment;
import org.jformers.experiment.ExperimentException;
import org.jformers.experiment.PreparedTask;
import org.jformers.experiment.RunStart;
import org.jformers.experiment.TaskType;
import org.jformers.experiment.TaskTypes;
import org.jformers.experiment.TrainingTask;
import org.jformers.objective.MixedObjective;
import org.jformers.settings.Setting;
import org.jformers.settings.SettingsJson;
import org.jspecify.annotations.Nullable;

/**
 * Several tasks that one model learns in one run, each batch of one of them. Tasks with heads of their own share all
 * that lies below.
 */
public record Mixture(
        @Setting("tasks by name: {\"task\": {\"type\": ..., and the settings that differ from its usual ones},"
                + " \"weight\": how often it gives a batch, null for as often as it has batches, \"last_weight\": the"
                + " same at the end of the way, null for the first one, \"moves\": regular expression that finds the"
                + " names in checkpoints of the parameters that it changes, null for all}")
                ObjectNode parts,
        @Setting("constant, linear, exponential or sigmoid (how weights go from first to last), round_robin, or"
                + " sequential (one task after the other, by its share of the way)")
                Mixing.Kind mixing,
        @Setting("batches until the last weights; 0 where nothing changes") long over,
        @Setting("above 1 rare tasks come more often: weights to the power of 1 / temperature, > 0")
                double temperature,
        @Setting("batches of a task that count for a weight of null at most, as T5 limits large sets; 0 for all")
                long limit,
        @Setting("what counts the same in a step of several batches: labels (as if all were one batch) or batches")
                MixedObjective.Counting counting,
        @Setting("batches of an epoch; 0 for those of all tasks") int epochBatches)
        implements TrainingTask {
    private static final Set<String> KEYS = Set.of("task", "weight", "last_weight", "moves");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");

    /**
     * One of the tasks.
     *
     * @param task itself
     * @param weight how often it gives a batch; 0 for as often as it has batches
     * @param lastWeight the same at the end of the way; 0 for the first one
     * @param moves finds the parameters that it changes; null for all
     */
    record Part(TrainingTask task, double weight, double lastWeight, @Nullable Pattern moves) {}

    /** Makes the task known. */
    public static final class Type implements TaskType {
        @Override
        public String name() {
            return "mixture";
        }

        @Override
        public TrainingTask defaults() {
            return new Mixture(JsonNodeFactory.instance.objectNode(), Mixing.Kind.CONSTANT, 0, 1, 0,
                    MixedObjective.Counting.LABELS, 0);
        }
    }

    /** The tasks, by name. */
    Map<String, Part> tasks() {
        Map<String, Part> tasks = new LinkedHashMap<>();
        parts.properties().forEach(entry -> tasks.put(entry.getKey(), part(place(entry.getKey()), entry.getValue())));
        return tasks;
    }

    private static String place(String name) {
        return "task.parts." + name;
    }

    private static Part part(String place, JsonNode json) {
        if (!(json instanceof ObjectNode part) || !(part.get("task") instanceof ObjectNode given)) {
            throw new ExperimentException(place + ": got no task, allowed {\"task\": {\"type\": ...}, ...}");
        }
        part.fieldNames().forEachRemaining(key -> {
            if (!KEYS.contains(key)) {
                throw new ExperimentException(place + ": got " + key + ", allowed " + KEYS);
            }
        });
        ObjectNode changes = given.deepCopy();
        JsonNode type = changes.remove(TYPE);
        if (type == null || !type.isTextual()) {
            throw new ExperimentException(place + ".task.type: got " + type + ", allowed the name of a task");
        }
        if (type.textValue().equals(new Type().name())) {
            throw new ExperimentException(place + ".task.type: got a mixture, allowed a task of one objective");
        }
        TrainingTask task = (TrainingTask) SettingsJson.changed(
                (Record) TaskTypes.of(type.textValue()).defaults(), changes, place + ".task");
        return new Part(task, weight(place, part, "weight"), weight(place, part, "last_weight"), moves(place, part));
    }

    private static double weight(String place, ObjectNode part, String key) {
        JsonNode weight = part.path(key);
        if (weight.isMissingNode() || weight.isNull()) {
            return 0;
        }
        if (!weight.isNumber() || !(weight.doubleValue() > 0)) {
            throw new ExperimentException(
                    place + "." + key + ": got " + weight + ", allowed a number above 0, or null");
        }
        return weight.doubleValue();
    }

    private static @Nullable Pattern moves(String place, ObjectNode part) {
        JsonNode moves = part.path("moves");
        if (moves.isMissingNode() || moves.isNull()) {
            return null;
        }
        if (!moves.isTextual()) {
            throw new ExperimentException(place + ".moves: got " + moves + ", allowed a regular expression, or null");
        }
        try {
            return Pattern.compile(moves.textValue());
        } catch (PatternSyntaxException e) {
            throw new ExperimentException(place + ".moves: " + e.getDescription() + ", got " + moves, e);
        }
    }

    @Override
    public void check(Experiment experiment) {
        Checks.startsFrom(experiment, "mixture");
        Map<String, Part> tasks = tasks();
        if (tasks.size() < 2) {
            throw new ExperimentException("task.parts: got " + tasks.keySet() + ", allowed two tasks or more");
        }
        tasks.forEach((name, part) -> {
            if (!NAME.matcher(name).matches()) {
                throw new ExperimentException(
                        "task.parts: got the name " + name + ", allowed letters, digits, _ and -");
            }
            try {
                part.task().check(experiment);
            } catch (JformersException e) {
                throw new ExperimentException(place(name) + ": " + e.getMessage(), e);
            }
        });
        if (!(temperature > 0)) {
            throw new ExperimentException("task.temperature: got " + temperature + ", allowed > 0");
        }
        atLeast("task.epoch_batches", epochBatches, 0);
        if (limit < 0) {
            throw new ExperimentException("task.limit: got " + limit + ", allowed >= 0");
        }
        checkWay(tasks);
        if (experiment.training().labelSmoothing() > 0 || experiment.model().teacher().isPresent()) {
            throw new ExperimentException(
                    "training.label_smoothing, model.teacher: got one for a mixture, allowed none");
        }
    }

    /** Refuses what would make no difference. */
    private void checkWay(Map<String, Part> tasks) {
        String kind = mixing.name().toLowerCase(Locale.ROOT);
        if (mixing.changes() != over > 0 || over < 0) {
            throw new ExperimentException("task.over: got " + over + " for mixing " + kind + ", allowed "
                    + (mixing.changes() ? "the batches on the way" : "0"));
        }
        boolean ends = tasks.values().stream().anyMatch(part -> part.lastWeight() > 0);
        if (ends != (mixing.changes() && mixing != Mixing.Kind.SEQUENTIAL)) {
            throw new ExperimentException("task.parts: got " + (ends ? "a" : "no") + " last_weight for mixing " + kind
                    + ", allowed for linear, exponential and sigmoid, of one task at least");
        }
        boolean weighs = tasks.values().stream().anyMatch(part -> part.weight() > 0);
        if (mixing == Mixing.Kind.ROUND_ROBIN && (weighs || limit > 0 || temperature != 1)) {
            throw new ExperimentException("task.mixing: got round_robin with weights, a limit or a temperature, allowed"
                    + " without");
        }
    }

    /** Who gives how many of the batches, where each task has so many. */
    Mixing mixing(List<Integer> batches) {
        List<Double> first = new ArrayList<>();
        List<Double> last = new ArrayList<>();
        for (Part part : tasks().values()) {
            int own = batches.get(first.size());
            double given = part.weight() > 0 ? part.weight() : limit > 0 ? Math.min(limit, own) : own;
            first.add(Math.pow(given, 1 / temperature));
            double end = part.lastWeight() > 0 ? part.lastWeight() : given;
            last.add(Math.pow(end, 1 / temperature));
        }
        return new Mixing(mixing, first, last, over);
    }

    @Override
    public PreparedTask prepare(RunStart start, Console console) {
        return new PreparedMixture(this, start, console);
    }
}
