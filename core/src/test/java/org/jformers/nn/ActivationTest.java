package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.jformers.JformersException;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values of transformers 5.18. */
final class ActivationTest {
    private static final float[] AT = {-7.5f, -1, -0.25f, 0, 0.5f, 2, 12};

    @ParameterizedTest
    @CsvSource({
        "gelu, 0 -0.1586553 -0.1003234 0 0.3457312 1.9545 12",
        "gelu_python, 0 -0.1586553 -0.1003234 0 0.3457312 1.9545 12",
        "gelu_10, 0 -0.1586553 -0.1003234 0 0.3457312 1.9545 10",
        "gelu_fast, 0 -0.158808 -0.1003246 0 0.345714 1.954598 12",
        "gelu_new, 0 -0.158808 -0.1003246 0 0.345714 1.954598 12",
        "gelu_pytorch_tanh, 0 -0.158808 -0.1003246 0 0.345714 1.954598 12",
        "gelu_python_tanh, 0 -0.158808 -0.1003246 0 0.345714 1.954598 12",
        "gelu_accurate, 0 -0.158808 -0.1003246 0 0.345714 1.954598 12",
        "quick_gelu, -2.144326e-05 -0.1542042 -0.09880035 0 0.3503884 1.935659 12",
        "hardswish, 0 -0.3333333 -0.1145833 0 0.2916667 1.666667 12",
        "laplace, 0 0 0.000345856 0.006094456 0.2314211 0.9999977 1",
        "leaky_relu, -0.075 -0.01 -0.0025 0 0.5 2 12",
        "linear, -7.5 -1 -0.25 0 0.5 2 12",
        "mish, -0.004146985 -0.3034014 -0.129927 0 0.3752452 1.943959 12",
        "relu, 0 0 0 0 0.5 2 12",
        "relu2, 0 0 0 0 0.25 4 144",
        "relu6, 0 0 0 0 0.5 2 6",
        "sigmoid, 0.0005527787 0.2689414 0.4378235 0.5 0.6224594 0.880797 0.9999938",
        "silu, -0.00414584 -0.2689414 -0.1094559 0 0.3112297 1.761594 11.99993",
        "swish, -0.00414584 -0.2689414 -0.1094559 0 0.3112297 1.761594 11.99993",
        "sqrtsoftplus, 0.02351449 0.5596979 0.7589067 0.8325546 0.9869534 1.458399 3.464103",
        "tanh, -0.9999994 -0.7615942 -0.2449187 0 0.4621172 0.9640276 1",
    })
    void isThatOfTheReference(String name, String values) {
        float[] expected = new float[AT.length];
        String[] parts = values.split(" ");
        for (int i = 0; i < AT.length; i++) {
            expected[i] = Float.parseFloat(parts[i]);
        }
        float[] got = Scopes.get(() ->
                Tensors.toFloats(Activation.named(name).apply(Tensors.ofFloats(AT, AT.length))));

        assertThat(got).as(Arrays.toString(got)).containsExactly(expected, within(1e-5f));
    }

    @Test
    void namesThoseThereAre() {
        assertThatThrownBy(() -> Activation.named("prelu")).isInstanceOf(JformersException.class)
                .hasMessageContaining("got prelu").hasMessageContaining("quick_gelu");
    }
}
