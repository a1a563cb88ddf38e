package org.jformers.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.nn.Parameter;
import org.jformers.nn.Parameter.Role;
import org.jformers.optim.OptimizerKinds.Kind;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for all kinds of optimizers, on least squares; their numbers are among the golden files. */
final class EveryOptimizerTest {
    private static final JsonNode PROBLEM = OptimFixture.read("optimizers.json").get("problem");

    static Stream<Arguments> kinds() {
        return Stream.of(StateType.values()).flatMap(states -> OptimizerKinds.all(states).entrySet().stream()
                .map(entry -> Arguments.of(entry.getKey(), states, entry.getValue())));
    }

    /** Two parameters with gradients and one without, on which nothing depends. */
    private static Map<String, Parameter> parameters() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("w", new Parameter(tensor("w", 3, 5).set_requires_grad(true), Role.WEIGHT));
        parameters.put("idle", new Parameter(tensor("w", 3, 5).set_requires_grad(true), Role.WEIGHT));
        parameters.put("b", new Parameter(tensor("b", 3).set_requires_grad(true), Role.BIAS));
        return parameters;
    }

    private static Tensor tensor(String name, long... shape) {
        return Tensors.ofFloats(OptimFixture.floats(PROBLEM.get(name)), shape);
    }

    /** The loss before the step. */
    private static double step(Optimizer optimizer, Map<String, Parameter> parameters, double rate) {
        return Scopes.get(() -> {
            Tensor loss = tensor("x", 8, 5).matmul(parameters.get("w").tensor().t())
                    .add(parameters.get("b").tensor()).sub(tensor("y", 8, 3)).square().mean();
            loss.backward();
            optimizer.step(rate);
            Gradients.clear(parameters.values());
            return loss.item_double();
        });
    }

    private static Optimizer optimizer(Kind kind, Map<String, Parameter> parameters) {
        return kind.of().apply(ParameterGroup.byDecay(parameters, 0.01));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void learns(String name, StateType states, Kind kind) {
        Scopes.run(() -> {
            Map<String, Parameter> parameters = parameters();
            try (Seeds.Own random = Seeds.own(1); Optimizer optimizer = optimizer(kind, parameters)) {
                double first = step(optimizer, parameters, kind.rate());
                double last = first;
                for (int i = 0; i < 300; i++) {
                    last = step(optimizer, parameters, kind.rate());
                }
                assertThat(last).as("%s from %s", name, first).isLessThan(0.65 * first);
                assertThat(Tensors.toFloats(parameters.get("idle").tensor()))
                        .isEqualTo(OptimFixture.floats(PROBLEM.get("w")));
            }
        });
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void leavesNoNativeObjectsBehind(String name, StateType states, Kind kind) {
        Scopes.run(() -> {
            Map<String, Parameter> parameters = parameters();
            try (Optimizer optimizer = optimizer(kind, parameters)) {
                step(optimizer, parameters, kind.rate());
                long before = Pointer.totalCount();
                for (int i = 0; i < 100; i++) {
                    step(optimizer, parameters, kind.rate());
                }
                assertThat(Pointer.totalCount()).as(name).isLessThanOrEqualTo(before);
            }
        });
    }

    /** What is as large as a parameter takes half the memory, all else stays. */
    @ParameterizedTest
    @MethodSource("kinds")
    void keepsStatesInTheirType(String name, StateType states, Kind kind) {
        Scopes.run(() -> {
            Map<String, Parameter> parameters = parameters();
            try (Optimizer optimizer = optimizer(kind, parameters)) {
                step(optimizer, parameters, kind.rate());
                optimizer.state().forEach((state, tensor) -> {
                    boolean large = !state.contains("steps") && !state.startsWith("average.")
                            && !state.startsWith("row_") && !state.startsWith("column_");
                    assertThat(Tensors.type(tensor)).as(state).isEqualTo(
                            large && states == StateType.BFLOAT16 ? ScalarType.BFloat16 : ScalarType.Float);
                });
            }
        });
    }

    /** The numbers between which a value lies, as often as it is near them. */
    @Test
    void roundsAtRandomWithoutBias() {
        float value = 1 + 0.3f / 128;
        Scopes.run(() -> {
            try (Seeds.Own random = Seeds.own(5)) {
                Tensor many = Tensors.empty(ScalarType.Float, 100_003).fill_(new Scalar(value));
                float[] rounded = Tensors.toFloats(GroupedOptimizer.roundedAtRandom(many));
                Set<Float> found = new HashSet<>();
                double up = 0;
                for (float one : rounded) {
                    found.add(one);
                    up += one > 1 ? 1 : 0;
                }
                assertThat(found).containsExactlyInAnyOrder(1f, 1 + 1f / 128);
                assertThat(up / rounded.length)
                        .isCloseTo(0.3, Offset.offset(4 * Math.sqrt(0.3 * 0.7 / rounded.length)));
                assertThat(Tensors.toFloats(GroupedOptimizer.roundedAtRandom(many.neg().add_(new Scalar(0)))))
                        .containsOnly(-1f, -1 - 1f / 128);
            }
        });
    }

    @Test
    void averagesForgetTheFirstParameters() {
        Scopes.run(() -> {
            Map<String, Parameter> parameters = parameters();
            try (Sgd sgd = new Sgd(new Sgd.Settings(0, 0, Sgd.Direction.MOMENTUM, StateType.FLOAT32),
                            ParameterGroup.byDecay(parameters, 0));
                    WeightAverage average = new WeightAverage(sgd, new Schedule.AverageDecay(0.5))) {
                float expected = Tensors.toFloats(parameters.get("b").tensor())[0];
                for (int i = 0; i < 20; i++) {
                    step(average, parameters, 0.05);
                    float decay = (float) Math.min(0.5, (1.0 + i) / (10.0 + i));
                    expected = decay * expected + (1 - decay) * Tensors.toFloats(parameters.get("b").tensor())[0];
                }
                float now = Tensors.toFloats(parameters.get("b").tensor())[0];
                float inside = average.averaged(() -> Tensors.toFloats(parameters.get("b").tensor())[0]);
                assertThat(inside).isCloseTo(expected, Offset.offset(1e-5f)).isNotEqualTo(now);
                assertThat(Tensors.toFloats(parameters.get("b").tensor())[0]).isEqualTo(now);
                average.adopt();
                assertThat(Tensors.toFloats(parameters.get("b").tensor())[0]).isEqualTo(inside);
                assertThatThrownBy(() -> average.restore(sgd.state())).isInstanceOf(JformersException.class)
                        .hasMessage("optimizer state: lacks average.w");
            }
        });
    }

    @Test
    void refusesAParameterInTwoParts() {
        Scopes.run(() -> {
            List<ParameterGroup> groups = ParameterGroup.byDecay(parameters(), 0);
            Lion.Settings lion = new Lion.Settings(0.9, 0.99, StateType.FLOAT32);
            try (Lion one = new Lion(lion, groups); Lion other = new Lion(lion, groups.subList(0, 1))) {
                assertThatThrownBy(() -> new Composite(List.of(one, other))).isInstanceOf(JformersException.class)
                        .hasMessage("composite optimizer: parameter w is in two of them, allowed one");
            }
        });
    }

    @Test
    void refusesSettingsThatCannotWork() {
        assertThatThrownBy(() -> new Sgd.Settings(0, 0, Sgd.Direction.NESTEROV, StateType.FLOAT32))
                .isInstanceOf(JformersException.class).hasMessageContaining("with NESTEROV momentum > 0");
        assertThatThrownBy(() -> new Lamb.Settings(1, 0.9, 1e-8, StateType.FLOAT32))
                .hasMessage("lamb: got beta1 1.0, beta2 0.9, epsilon 1.0E-8, allowed betas in [0, 1), epsilon > 0");
        assertThatThrownBy(() -> new Adadelta.Settings(0.9, 0, StateType.FLOAT32))
                .hasMessageContaining("epsilon > 0");
        assertThatThrownBy(() -> new Adafactor.Settings(
                Adafactor.Rate.GIVEN, Adafactor.Scale.NONE, 1, StateType.FLOAT32)).hasMessageContaining("beta1 1.0");
    }
}
