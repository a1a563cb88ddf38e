package org.jformers.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.nn.Parameter;
import org.jformers.nn.Parameter.Role;
import org.jformers.optim.Adam.Decay;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class MuonTest {
    private static final JsonNode FIXTURE = OptimFixture.read("muon.json");
    private static final Adam.Settings OTHERS = new Adam.Settings(Decay.DECOUPLED, 0.9, 0.98, 1e-9, 0.1);

    static Stream<JsonNode> runs() {
        return OptimFixture.stream(FIXTURE.get("runs"));
    }

    private static Parameter parameter(Role role, float[] values, long... shape) {
        Tensor tensor = Tensors.ofFloats(values, shape).clone();
        tensor.set_requires_grad(true);
        return new Parameter(tensor, role);
    }

    private static void gradient(Parameter parameter, float[] values) {
        parameter.tensor().mutable_grad().put(Tensors.ofFloats(values, parameter.tensor().shape()).clone());
    }

    /** Its rounds are in bfloat16, so a step is right to about a hundredth of itself. */
    @ParameterizedTest
    @MethodSource("runs")
    void walksTheReferencesPath(JsonNode run) {
        Scopes.run(() -> {
            long rows = run.get("shape").get(0).longValue();
            long columns = run.get("shape").get(1).longValue();
            Parameter w = parameter(Role.WEIGHT, OptimFixture.floats(run.get("w")), rows, columns);
            try (Muon muon = new Muon(0.95, OTHERS, ParameterGroup.byDecay(Map.of("w", w), 0.1))) {
                double step = 0.02 * 0.2 * Math.sqrt(Math.max(rows, columns));
                for (int i = 0; i < run.get("gradients").size(); i++) {
                    gradient(w, OptimFixture.floats(run.get("gradients").get(i)));
                    muon.step(0.02);
                    float[] expected = OptimFixture.floats(run.get("values").get(i));
                    float[] got = Tensors.toFloats(w.tensor());
                    for (int at = 0; at < got.length; at++) {
                        assertThat(got[at]).as("step %d, value %d", i, at)
                                .isCloseTo(expected[at], Offset.offset((float) (0.02 * step * (i + 1))));
                    }
                }
            }
        });
    }

    /** Queries, keys and values in one matrix move as three matrices would. */
    @Test
    void treatsStackedMatricesOneByOne() {
        Scopes.run(() -> {
            Random random = new Random(4);
            float[] values = floats(random, 12 * 4);
            float[] gradients = floats(random, 12 * 4);
            Parameter stacked = parameter(Role.QUERY_STACKED_WEIGHT, values, 12, 4);
            gradient(stacked, gradients);
            try (Muon muon = new Muon(0.9, OTHERS, ParameterGroup.byDecay(Map.of("w", stacked), 0))) {
                muon.step(0.1);
            }
            for (int part = 0; part < 3; part++) {
                Parameter alone = parameter(Role.WEIGHT, part(values, part), 4, 4);
                gradient(alone, part(gradients, part));
                try (Muon muon = new Muon(0.9, OTHERS, ParameterGroup.byDecay(Map.of("w", alone), 0))) {
                    muon.step(0.1);
                }
                assertThat(part(Tensors.toFloats(stacked.tensor()), part))
                        .containsExactly(Tensors.toFloats(alone.tensor()), Offset.offset(1e-3f));
            }
        });
    }

    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[] part(float[] values, int part) {
        return java.util.Arrays.copyOfRange(values, part * 16, part * 16 + 16);
    }

    @Test
    void leavesTablesAndBiasesToAdam() {
        Scopes.run(() -> {
            Random random = new Random(5);
            float[] table = floats(random, 12);
            float[] slope = floats(random, 12);
            Map<String, Parameter> ours = new LinkedHashMap<>();
            Map<String, Parameter> reference = new LinkedHashMap<>();
            for (Map<String, Parameter> each : List.of(ours, reference)) {
                each.put("table", parameter(Role.EMBEDDING, table, 4, 3));
                gradient(each.get("table"), slope);
            }
            ours.put("w", parameter(Role.WEIGHT, table, 4, 3));
            gradient(ours.get("w"), slope);
            try (Muon muon = new Muon(0.95, OTHERS, ParameterGroup.byDecay(ours, 0.1));
                    Adam adam = new Adam(OTHERS, reference)) {
                muon.step(0.01);
                adam.step(0.01);
                assertThat(Tensors.toFloats(ours.get("table").tensor()))
                        .isEqualTo(Tensors.toFloats(reference.get("table").tensor()));
                assertThat(muon.state().keySet()).containsExactly(
                        "first_moment.table", "second_moment.table", "steps.table", "momentum.w");
                assertThat(muon.groups()).hasSize(2);
            }
        });
    }

    @Test
    void goesOnFromARestoredStateBitForBit() {
        Scopes.run(() -> {
            Random random = new Random(6);
            float[] values = floats(random, 12);
            float[][] slopes = {floats(random, 12), floats(random, 12)};
            Parameter straight = parameter(Role.WEIGHT, values, 4, 3);
            Parameter resumed = parameter(Role.WEIGHT, values, 4, 3);
            try (Muon first = new Muon(0.95, OTHERS, ParameterGroup.byDecay(Map.of("w", straight), 0.1));
                    Muon second = new Muon(0.95, OTHERS, ParameterGroup.byDecay(Map.of("w", resumed), 0.1))) {
                gradient(straight, slopes[0]);
                first.step(0.01);
                resumed.tensor().set_data(straight.tensor().detach().clone());
                second.restore(first.state());
                for (Parameter parameter : List.of(straight, resumed)) {
                    gradient(parameter, slopes[1]);
                }
                first.step(0.01);
                second.step(0.01);
                assertThat(Tensors.toFloats(resumed.tensor())).isEqualTo(Tensors.toFloats(straight.tensor()));
                assertThatThrownBy(() -> second.restore(Map.of())).isInstanceOf(JformersException.class);
            }
        });
    }
}
