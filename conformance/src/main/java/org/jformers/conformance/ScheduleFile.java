package org.jformers.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.Set;
import org.jformers.conformance.FileChecks.Unsupported;
import org.jformers.optim.Schedule;
import org.jformers.optim.Schedule.Shape;

/** Schedules by the reference's names and arguments, and their rates from step 0 on. */
final class ScheduleFile {
    private static final Set<String> INPUTS = Set.of("name", "lr", "arguments", "first_step");
    private static final double END_OF_POLYNOMIAL = 1e-7;
    private static final int TIMESCALE = 10_000;

    private ScheduleFile() {}

    static FileChecks checks(JsonNode file) {
        FileChecks checks = new FileChecks(file);
        for (JsonNode golden : file.get("schedules")) {
            checks.compare(golden.path("name").asText(), golden, INPUTS, () -> {
                Schedule schedule = of(
                        golden.path("name").asText(), golden.path("lr").asDouble(), golden.path("arguments"));
                ArrayNode values = Case.JSON.createArrayNode();
                for (int step = 0; step < golden.path("values").size(); step++) {
                    values.add(schedule.rate(step));
                }
                return Case.JSON.createObjectNode().set("values", values);
            });
        }
        return checks;
    }

    /** A schedule of the reference; a name may have more behind it, which tells cases apart. */
    static Schedule of(String name, double rate, JsonNode json) {
        Arguments arguments = new Arguments(json);
        Schedule schedule = of(name, rate, arguments);
        if (!arguments.unread().isEmpty()) {
            throw new Unsupported("arguments " + arguments.unread() + " of " + name);
        }
        return schedule;
    }

    private static Schedule of(String name, double rate, Arguments a) {
        if (name.startsWith("noam")) {
            return new Schedule.Noam(
                    rate * a.number("factor", 1), a.integer("model_size", 512), a.integer("warmup", 4000));
        }
        if (name.startsWith("exponential")) {
            return new Schedule.Stepwise(rate, a.number("gamma", 0.1), 1, 0);
        }
        if (name.startsWith("step")) {
            return new Schedule.Stepwise(rate, a.number("gamma", 0.1), a.integer("step_size", 1), 0);
        }
        int warmup = a.integer("num_warmup_steps", 0);
        if (name.startsWith("constant")) {
            return new Schedule.Constant(rate, warmup);
        }
        if (name.startsWith("inverse_sqrt")) {
            return new Schedule.InverseSquareRoot(
                    rate, warmup, a.number("timescale", warmup > 0 ? warmup : TIMESCALE));
        }
        int steps = a.integer("num_training_steps", 0);
        if (name.startsWith("warmup_stable_decay")) {
            return warmupStableDecay(rate, warmup, steps, a);
        }
        if (name.startsWith("linear")) {
            return new Schedule.Linear(rate, warmup, steps);
        }
        if (name.startsWith("cosine_with_restarts")) {
            return new Schedule.CosineRestarts(rate, warmup, steps, a.integer("num_cycles", 1));
        }
        if (name.startsWith("cosine")) {
            double share = a.number("min_lr_rate", a.number("min_lr", 0) / rate);
            return new Schedule.Cosine(rate, warmup, steps, share, a.number("num_cycles", 0.5));
        }
        if (name.startsWith("polynomial")) {
            return new Schedule.Polynomial(
                    rate, warmup, steps, a.number("lr_end", END_OF_POLYNOMIAL), a.number("power", 1));
        }
        throw new Unsupported("schedule " + name);
    }

    private static Schedule warmupStableDecay(double rate, int warmup, int steps, Arguments a) {
        int down = a.integer("num_decay_steps", 0);
        if (a.number("num_cycles", 0.5) != 0.5) {
            throw new Unsupported("num_cycles of warmup_stable_decay other than 0.5");
        }
        return new Schedule.WarmupStableDecay(rate, warmup, a.integer("num_stable_steps", steps - warmup - down), down,
                a.number("min_lr_ratio", 0), shape(a.text("warmup_type", "linear")),
                shape(a.text("decay_type", "cosine")));
    }

    private static Shape shape(String name) {
        return switch (name) {
            case "linear" -> Shape.LINEAR;
            case "cosine" -> Shape.COSINE;
            case "1-sqrt" -> Shape.SQUARE_ROOT;
            default -> throw new Unsupported("shape " + name + " of warmup_stable_decay");
        };
    }
}
