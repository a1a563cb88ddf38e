package org.jformers.nn.feedforward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.nn.Activation;
import org.jformers.nn.Initialization;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MlpTest {
    private static final Mlp.Spec SPEC = new Mlp.Spec(4, 9, Activation.GELU);

    /** The output, then the gradients of the parameters and of the input. */
    private static List<float[]> values(Mlp.Spec spec) {
        return Scopes.get(() -> {
            try (Mlp mlp = spec.build()) {
                Seeds.seed(5);
                new Initialization.Normal(0.7, 0.7).fill(mlp.parameters().values());
                Tensor x_BTC = Tensors.range(0, 2 * 7 * 4).view(2, 7, 4).to(ScalarType.Float).sin();
                x_BTC.requires_grad_(true);
                Tensor y_BTC = mlp.forward(x_BTC).hidden();
                y_BTC.square().sum().backward();
                List<float[]> values = new ArrayList<>(List.of(Tensors.toFloats(y_BTC)));
                mlp.parameters().values().forEach(parameter ->
                        values.add(Tensors.toFloats(parameter.tensor().grad())));
                values.add(Tensors.toFloats(x_BTC.grad()));
                return values;
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 100})
    void chunksChangeNeitherOutputsNorGradients(int positions) {
        List<float[]> whole = values(SPEC);
        List<float[]> chunked = values(SPEC.withChunk(Optional.of(positions)));
        assertThat(chunked).hasSameSizeAs(whole).hasSize(6);
        for (int i = 0; i < whole.size(); i++) {
            assertThat(chunked.get(i)).containsExactly(whole.get(i), within(2e-5f));
        }
    }

    @Test
    void refusesChunksOfNothing() {
        assertThatThrownBy(() -> SPEC.withChunk(Optional.of(0)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("got chunks of 0");
    }
}
