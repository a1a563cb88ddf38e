package org.jformers.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.nn.Parameter;
import org.jformers.nn.Parameter.Role;
import org.jformers.optim.Adam.Decay;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

final class AdamTest {
    private static final JsonNode PROBLEM = OptimFixture.read("optimizers.json").get("problem");
    private static final Adam.Settings SETTINGS = new Adam.Settings(Decay.DECOUPLED, 0.9, 0.999, 1e-8, 0.1);

    /** mean((x w^T + b - y)^2). */
    private static Tensor loss(Tensor w, Tensor b) {
        Tensor x = tensor(PROBLEM.get("x"), 8, 5);
        Tensor y = tensor(PROBLEM.get("y"), 8, 3);
        return x.matmul(w.t()).add(b).sub(y).square().mean();
    }

    private static Tensor tensor(JsonNode values, long... shape) {
        return Tensors.ofFloats(OptimFixture.floats(values), shape);
    }

    private static Tensor parameter(JsonNode values, long... shape) {
        return tensor(values, shape).set_requires_grad(true);
    }

    /** Two parameters with gradients and one without, on which nothing depends. */
    private static Map<String, Parameter> three() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("w", new Parameter(parameter(PROBLEM.get("w"), 3, 5), Role.WEIGHT));
        parameters.put("b", new Parameter(parameter(PROBLEM.get("b"), 3), Role.BIAS));
        parameters.put("idle", new Parameter(parameter(PROBLEM.get("w"), 3, 5), Role.WEIGHT));
        return parameters;
    }

    private static void step(Adam adam, Map<String, Parameter> parameters) {
        Scopes.run(() -> {
            loss(parameters.get("w").tensor(), parameters.get("b").tensor()).backward();
            Gradients.clip(parameters.values(), 1);
            adam.step(0.01);
            Gradients.clear(parameters.values());
        });
    }

    @Test
    void leavesParametersWithoutGradientAsTheyAre() {
        Scopes.run(() -> {
            Map<String, Parameter> parameters = three();
            try (Adam adam = new Adam(SETTINGS, parameters)) {
                step(adam, parameters);
                assertThat(Tensors.toFloats(parameters.get("idle").tensor()))
                        .isEqualTo(OptimFixture.floats(PROBLEM.get("w")));
                assertThat(adam.state().get("steps.idle").item_float()).isZero();
                assertThat(Tensors.toFloats(parameters.get("w").tensor()))
                        .isNotEqualTo(OptimFixture.floats(PROBLEM.get("w")));
                assertThat(adam.state().get("steps.w").item_float()).isEqualTo(1);
            }
        });
    }

    @Test
    void clearsGradients() {
        Scopes.run(() -> {
            Map<String, Parameter> parameters = three();
            try (Adam adam = new Adam(SETTINGS, parameters)) {
                step(adam, parameters);
                assertThat(parameters.get("w").tensor().grad().defined()).isFalse();
                float[] before = Tensors.toFloats(parameters.get("w").tensor());
                adam.step(1);
                assertThat(Tensors.toFloats(parameters.get("w").tensor())).isEqualTo(before);
            }
        });
    }

    @Test
    void goesOnFromARestoredStateBitForBit() {
        Scopes.run(() -> {
            Map<String, Parameter> straight = three();
            Map<String, Parameter> resumed = three();
            try (Adam first = new Adam(SETTINGS, straight); Adam second = new Adam(SETTINGS, resumed)) {
                for (int i = 0; i < 5; i++) {
                    step(first, straight);
                }
                second.restore(first.state());
                try (NoGrad noGrad = new NoGrad()) {
                    straight.forEach((name, parameter) ->
                            resumed.get(name).tensor().detach().copy_(parameter.tensor()));
                }
                for (int i = 0; i < 5; i++) {
                    step(first, straight);
                    step(second, resumed);
                }
                assertThat(bits(resumed)).isEqualTo(bits(straight));
                first.state().forEach((name, tensor) -> assertThat(Tensors.toFloats(second.state().get(name)))
                        .as(name).isEqualTo(Tensors.toFloats(tensor)));
            }
        });
    }

    private static Map<String, String> bits(Map<String, Parameter> parameters) {
        Map<String, String> bits = new LinkedHashMap<>();
        parameters.forEach((name, parameter) ->
                bits.put(name, Arrays.toString(Tensors.toFloats(parameter.tensor()))));
        return bits;
    }

    @Test
    void refusesTheStateOfOtherParameters() {
        Scopes.run(() -> {
            Map<String, Parameter> parameters = three();
            Map<String, Parameter> fewer = new LinkedHashMap<>(parameters);
            fewer.remove("idle");
            try (Adam adam = new Adam(SETTINGS, parameters); Adam other = new Adam(SETTINGS, fewer)) {
                assertThatThrownBy(() -> adam.restore(other.state())).isInstanceOf(JformersException.class)
                        .hasMessage("optimizer state: got 6 tensors, expected 9 with the names of the model's"
                                + " parameters");
            }
        });
    }

    @Test
    void refusesSettingsThatCannotWork() {
        assertThatThrownBy(() -> new Adam.Settings(Decay.COUPLED, 1, 0.9, 1e-8, 0))
                .isInstanceOf(JformersException.class).hasMessageContaining("got beta1 1.0");
        assertThatThrownBy(() -> new Adam.Settings(Decay.COUPLED, 0.9, 0.9, 0, 0)).hasMessageContaining("epsilon 0.0");
        assertThatThrownBy(() -> new Adam.Settings(Decay.COUPLED, 0.9, 0.9, Double.NaN, 0))
                .isInstanceOf(JformersException.class);
    }

    @Test
    void leavesNoNativeObjectsBehind() {
        Scopes.run(() -> {
            Map<String, Parameter> parameters = three();
            try (Adam adam = new Adam(SETTINGS, parameters)) {
                step(adam, parameters);
                long before = Pointer.totalCount();
                for (int i = 0; i < 200; i++) {
                    step(adam, parameters);
                }
                assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
            }
        });
    }
}
