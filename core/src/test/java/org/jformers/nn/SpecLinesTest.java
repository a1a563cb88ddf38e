package org.jformers.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
    void isATreeInWhichEqualLayersShareTheirLines() {
        Layer.Spec plain = new Layer.Spec(4, new Causal());
        List<Layer.Spec> layers = List.of(plain, plain, new Layer.Spec(4, new Window(8)), plain);
        Net net = new Net(layers, Optional.empty(), List.of("a"));
        assertThat(SpecLines.of("net", net)).containsExactly(
                "net = Net[names=[a]]",
                "  layers[0..1, 3] = Layer[width=4, mask=Causal]",
                "  layers[2] = Layer[width=4]",
                "    mask = Window[size=8]");
    }

    private record Stages(List<List<Layer.Spec>> stages) {}

    @Test
    void listsOfListsAreNumberedTwice() {
        Layer.Spec plain = new Layer.Spec(4, new Causal());
        assertThat(SpecLines.of("net", new Stages(List.of(List.of(plain, plain), List.of(plain))))).containsExactly(
                "net = Stages",
                "  stages[0][0..1] = Layer[width=4, mask=Causal]",
                "  stages[1][0] = Layer[width=4, mask=Causal]");
    }

    private record Bias(boolean input, boolean output) {}

    private record Map(Bias bias, Optional<Bias> other, Mask mask) {}

    @Test
    void aGroupOfValuesStandsAmongTheValues() {
        Map map = new Map(new Bias(true, false), Optional.of(new Bias(false, false)), new Window(8));
        assertThat(SpecLines.of("map", map)).containsExactly(
                "map = Map[bias=[input=true, output=false], other=[input=false, output=false]]",
                "  mask = Window[size=8]");
    }

    private record Chosen(Set<String> names) {}

    @Test
    void setsAreSorted() {
        Set<String> names = new LinkedHashSet<>(List.of("b", "c", "a"));
        assertThat(SpecLines.of("chosen", new Chosen(names))).containsExactly("chosen = Chosen[names=[a, b, c]]");
    }
}
