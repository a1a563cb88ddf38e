package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SpecLinesTest {

    private static final class Layer {
        record Spec(int width, Mask mask) {}
    }

    private sealed interface Mask {}

    private record Causal() implements Mask {}

    private record Window(int size) implements Mask {}

    private record Net(List<Layer.Spec> layers, Optional<Layer.Spec> last, List<String> names) {}

    @Test
    void printsEveryValueAndMergesEqualLayers() {
        Layer.Spec plain = new Layer.Spec(4, new Causal());
        List<Layer.Spec> layers = List.of(plain, plain, new Layer.Spec(4, new Window(8)), plain);
        Net net = new Net(layers, Optional.empty(), List.of("a"));
        assertThat(SpecLines.of("net", net)).containsExactly(
                "net = Net",
                "net.layers[0..1] = Layer",
                "net.layers[0..1].width = 4",
                "net.layers[0..1].mask = Causal",
                "net.layers[2] = Layer",
                "net.layers[2].width = 4",
                "net.layers[2].mask = Window",
                "net.layers[2].mask.size = 8",
                "net.layers[3] = Layer",
                "net.layers[3].width = 4",
                "net.layers[3].mask = Causal",
                "net.last = none",
                "net.names = [a]");
    }
}
