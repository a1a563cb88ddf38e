package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.conformance.FileChecks.Unsupported;
import org.jformers.nn.Parameter;
import org.jformers.nn.Parameter.Role;
import org.jformers.optim.Gradients;
import org.jformers.optim.Optimizer;
import org.jformers.optim.ParameterGroup;
import org.jformers.optim.Schedule;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Runs of optimizers on a small problem: mean((x w^T + b - y)^2), or gradients that the file gives.
 *
 * <p>Dimensions: N examples, I inputs, O outputs.
 */
final class OptimizerFile {
    private static final Set<String> INPUTS = Set.of();

    private final JsonNode problem;
    private final JsonNode run;
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();

    private OptimizerFile(JsonNode problem, JsonNode run) {
        this.problem = problem;
        this.run = run;
        parameters.put("w", parameter("w", Role.WEIGHT));
        parameters.put("b", parameter("b", run.path("no_decay_on_b").asBoolean() ? Role.BIAS : Role.WEIGHT));
    }

    static FileChecks checks(JsonNode file) {
        FileChecks checks = new FileChecks(file);
        for (JsonNode run : file.get("runs")) {
            String name = run.path("optimizer").asText() + " " + run.path("mode").asText();
            ObjectNode golden = table(run.get("trajectory"));
            checks.compare(name, golden, INPUTS, () -> Scopes.get(
                    () -> new OptimizerFile(file.get("problem"), run).walk(file.get("steps").intValue())));
        }
        return checks;
    }

    /** The records of a way with the values of one name in one list. */
    private static ObjectNode table(JsonNode records) {
        ObjectNode table = Case.JSON.createObjectNode();
        for (JsonNode one : records) {
            one.properties().forEach(field -> table.withArray(field.getKey()).add(field.getValue()));
        }
        return table;
    }

    private ObjectNode walk(int steps) {
        String name = run.path("optimizer").asText();
        JsonNode arguments = run.path("arguments");
        Schedule schedule = schedule(ReferenceOptimizers.rate(name, arguments));
        List<ParameterGroup> groups =
                ParameterGroup.byDecay(parameters, ReferenceOptimizers.weightDecay(name, arguments));
        Map<Integer, JsonNode> recorded = new LinkedHashMap<>();
        run.get("trajectory").forEach(one -> recorded.put(one.path("step").intValue(), one));
        ArrayNode records = Case.JSON.createArrayNode();
        try (Optimizer optimizer = ReferenceOptimizers.of(name, arguments, groups)) {
            for (int step = 1; step <= steps; step++) {
                int now = step;
                Scopes.run(() -> {
                    ObjectNode values = step(now, optimizer, schedule);
                    if (recorded.containsKey(now)) {
                        records.add(values);
                    }
                });
            }
        }
        return table(records);
    }

    private Schedule schedule(double rate) {
        JsonNode said = run.path("schedule");
        if (!said.isObject()) {
            return new Schedule.Constant(rate);
        }
        return ScheduleFile.of(
                said.path("name").asText(), rate, said.<ObjectNode>deepCopy().without(List.of("name")));
    }

    private ObjectNode step(int step, Optimizer optimizer, Schedule schedule) {
        Tensor loss = loss();
        switch (run.path("mode").asText()) {
            case "least_squares" -> loss.backward();
            case "given_gradients" -> parameters.forEach((name, parameter) -> parameter.tensor().mutable_grad().put(
                    tensor(problem.get("grad_" + name).get(step - 1))));
            default -> throw new Unsupported("mode " + run.path("mode"));
        }
        ObjectNode values = Case.JSON.createObjectNode();
        values.put("step", step).put("loss_before", loss.item_float());
        if (run.path("clip_norm").isNumber()) {
            values.put("grad_norm_before_clip",
                    (float) Gradients.clip(parameters.values(), run.path("clip_norm").doubleValue()));
        } else {
            values.putNull("grad_norm_before_clip");
        }
        optimizer.step(schedule.rate(step - 1));
        Gradients.clear(parameters.values());
        parameters.forEach((name, parameter) -> values.set(name, nested(parameter.tensor())));
        return values;
    }

    private Tensor loss() {
        Tensor x_NI = tensor(problem.get("x"));
        Tensor y_NO = tensor(problem.get("y"));
        return x_NI.matmul(value("w").t()).add(value("b")).sub(y_NO).square().mean();
    }

    private Tensor value(String name) {
        return Objects.requireNonNull(parameters.get(name)).tensor();
    }

    private Parameter parameter(String name, Role role) {
        return new Parameter(tensor(problem.get(name)).set_requires_grad(true), role);
    }

    /** A tensor of nested lists. */
    private static Tensor tensor(JsonNode lists) {
        List<Float> values = new ArrayList<>();
        List<Long> shape = new ArrayList<>();
        for (JsonNode inner = lists; inner.isArray(); inner = inner.get(0)) {
            shape.add((long) inner.size());
        }
        collect(lists, values);
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return Tensors.ofFloats(floats, shape.stream().mapToLong(Long::longValue).toArray());
    }

    private static void collect(JsonNode lists, List<Float> values) {
        if (lists.isArray()) {
            lists.forEach(inner -> collect(inner, values));
        } else {
            values.add(lists.floatValue());
        }
    }

    private static ArrayNode nested(Tensor values) {
        ArrayNode lists = Case.JSON.createArrayNode();
        if (values.dim() == 1) {
            for (float value : Tensors.toFloats(values)) {
                lists.add(value);
            }
        } else {
            for (long row = 0; row < values.size(0); row++) {
                lists.add(nested(values.select(0, row)));
            }
        }
        return lists;
    }
}
