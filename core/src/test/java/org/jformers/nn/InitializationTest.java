package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Parameter.Role;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;

final class InitializationTest {

    /** Mean, standard deviation, smallest and largest value of a parameter once filled. */
    private record Statistics(double mean, double deviation, double low, double high) {}

    private static Statistics filled(Initialization initialization, Role role, long... shape) {
        Seeds.seed(4);
        return Scopes.get(() -> {
            Tensor tensor = Tensors.empty(ScalarType.Float, shape).fill_(Tensors.constant(Double.NaN));
            tensor.set_requires_grad(true);
            initialization.fill(List.of(new Parameter(tensor, role)));
            assertThat(tensor.requires_grad()).isTrue();
            Tensor values = tensor.detach();
            return new Statistics(values.mean().item_float(), values.std().item_float(), values.min().item_float(),
                    values.max().item_float());
        });
    }

    @Test
    void normalHasItsDeviationAndASmallerOneOnTheResidualStream() {
        Initialization normal = new Initialization.Normal(0.02, 0.005);
        for (Role role : new Role[] {Role.WEIGHT, Role.EMBEDDING, Role.STACKED_WEIGHT}) {
            Statistics statistics = filled(normal, role, 300, 200);
            assertThat(statistics.mean()).as("%s", role).isCloseTo(0, within(3e-4));
            assertThat(statistics.deviation()).as("%s", role).isCloseTo(0.02, within(3e-4));
        }
        assertThat(filled(normal, Role.RESIDUAL_WEIGHT, 300, 200).deviation()).isCloseTo(0.005, within(1e-4));
    }

    @Test
    void glorotIsUniformWithinItsBound() {
        Initialization glorot = new Initialization.Glorot();
        double bound = Math.sqrt(6.0 / (200 + 300));
        Statistics weight = filled(glorot, Role.WEIGHT, 300, 200);
        assertThat(weight.low()).isGreaterThanOrEqualTo(-bound).isCloseTo(-bound, within(1e-3));
        assertThat(weight.high()).isLessThanOrEqualTo(bound).isCloseTo(bound, within(1e-3));
        assertThat(weight.deviation()).isCloseTo(bound / Math.sqrt(3), within(1e-3));
    }

    @Test
    void glorotCountsTheOutputsOfStackedMatricesApart() {
        double bound = Math.sqrt(6.0 / (100 + 100));
        Statistics stacked = filled(new Initialization.Glorot(), Role.STACKED_WEIGHT, 300, 100);
        assertThat(stacked.high()).isLessThanOrEqualTo(bound).isCloseTo(bound, within(1e-3));
    }

    @Test
    void glorotGivesTokensUnitLengthOnTheWhole() {
        assertThat(filled(new Initialization.Glorot(), Role.EMBEDDING, 500, 64).deviation())
                .isCloseTo(1 / Math.sqrt(64), within(2e-3));
    }

    @Test
    void scalesStartAtOneAndBiasesAtZero() {
        for (Initialization any : new Initialization[] {new Initialization.Glorot(), new Initialization.Normal(1, 1)}) {
            assertThat(filled(any, Role.SCALE, 50)).isEqualTo(new Statistics(1, 0, 1, 1));
            assertThat(filled(any, Role.BIAS, 50)).isEqualTo(new Statistics(0, 0, 0, 0));
        }
    }

    @Test
    void onlyMatricesAndTablesDecay() {
        for (Role role : Role.values()) {
            assertThat(new Parameter(Tensors.empty(ScalarType.Float, 1), role).decays())
                    .as("%s", role)
                    .isEqualTo(!List.of(Role.BIAS, Role.SCALE, Role.SCALE_OFFSET, Role.BUFFER, Role.STATISTIC)
                            .contains(role));
        }
    }
}
