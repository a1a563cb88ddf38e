package org.jformers.bench;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Model;
import org.jformers.model.Task;
import org.jformers.model.auto.AutoConfig;
import org.jformers.model.auto.AutoModel;
import org.jformers.nn.Parameter;
import org.jformers.optim.Adadelta;
import org.jformers.optim.Adafactor;
import org.jformers.optim.Adagrad;
import org.jformers.optim.Adam;
import org.jformers.optim.Lamb;
import org.jformers.optim.Lion;
import org.jformers.optim.Muon;
import org.jformers.optim.Optimizer;
import org.jformers.optim.ParameterGroup;
import org.jformers.optim.RmsProp;
import org.jformers.optim.Sgd;
import org.jformers.optim.StateType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;

/**
 * Steps of every optimizer on the parameters of a GPT of 6 layers x 384 with 8192 tokens: milliseconds, the least and
 * the median, and what the states take. Argument: number of steps.
 */
public final class OptimizerSteps {
    private static final int WARMUP = 2;

    private OptimizerSteps() {}

    /** @param args number of steps */
    public static void main(String[] args) throws Exception {
        int steps = Integer.parseInt(args[0]);
        var config = AutoConfig.parse(new JsonMapper().readTree("""
                {"model_type": "gpt2", "vocab_size": 8192, "n_positions": 256, "n_embd": 384, "n_layer": 6, "n_head": 6}
                """), "the benchmark");
        try (Seeds.Own random = Seeds.own(1); Model model = AutoModel.create(config, Task.CAUSAL_LM, 1)) {
            Map<String, Parameter> parameters = model.network().parameters();
            Scopes.run(() -> parameters.values().forEach(parameter -> {
                Tensor gradient = Tensors.empty(Tensors.type(parameter.tensor()), parameter.tensor().shape());
                Tensors.fillNormal(gradient, 0, 0.01);
                parameter.tensor().mutable_grad().put(gradient);
            }));
            System.out.printf(Locale.ROOT, "%,d parameters%n", model.network().parameterCount());
            List<ParameterGroup> groups = ParameterGroup.byDecay(parameters, 0.01);
            for (StateType states : StateType.values()) {
                kinds().forEach((name, kind) -> {
                    try (Optimizer optimizer = kind.apply(states, groups)) {
                        System.out.printf(Locale.ROOT, "%-9s %-10s %s%n",
                                states.name().toLowerCase(Locale.ROOT), name, measure(optimizer, steps));
                    }
                });
            }
        }
    }

    private static Map<String, BiFunction<StateType, List<ParameterGroup>, Optimizer>> kinds() {
        Map<String, BiFunction<StateType, List<ParameterGroup>, Optimizer>> kinds = new LinkedHashMap<>();
        kinds.put("adamw", (states, groups) -> new Adam(adam(states), groups));
        kinds.put("muon", (states, groups) -> new Muon(0.95, adam(states), groups));
        kinds.put("sgd", (states, groups) -> new Sgd(
                new Sgd.Settings(0.9, 0, Sgd.Direction.MOMENTUM, states), groups));
        kinds.put("adafactor", (states, groups) -> new Adafactor(
                new Adafactor.Settings(Adafactor.Rate.GIVEN, Adafactor.Scale.NONE, 0, states), groups));
        kinds.put("lamb", (states, groups) -> new Lamb(new Lamb.Settings(0.9, 0.999, 1e-6, states), groups));
        kinds.put("lion", (states, groups) -> new Lion(new Lion.Settings(0.9, 0.99, states), groups));
        kinds.put("rmsprop", (states, groups) -> new RmsProp(
                new RmsProp.Settings(0.99, 0, 1e-8, RmsProp.Scale.MEAN_SQUARE, states), groups));
        kinds.put("adagrad", (states, groups) -> new Adagrad(new Adagrad.Settings(0, 0, 1e-10, states), groups));
        kinds.put("adadelta", (states, groups) -> new Adadelta(new Adadelta.Settings(0.9, 1e-6, states), groups));
        return kinds;
    }

    private static Adam.Settings adam(StateType states) {
        return new Adam.Settings(
                Adam.Decay.DECOUPLED, Adam.Variant.CORRECTED, 0.9, 0.999, 1e-8, 0.01, states);
    }

    private static String measure(Optimizer optimizer, int steps) {
        double[] times = new double[steps];
        for (int i = -WARMUP; i < steps; i++) {
            long start = System.nanoTime();
            optimizer.step(1e-5);
            if (i >= 0) {
                times[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(times);
        long bytes = Scopes.get(() -> optimizer.state().values().stream()
                .mapToLong(state -> state.numel() * state.element_size()).sum());
        return String.format(Locale.ROOT, "min %.1f ms median %.1f ms, states %.1f MB",
                times[0], times[steps / 2], bytes / 1e6);
    }
}
