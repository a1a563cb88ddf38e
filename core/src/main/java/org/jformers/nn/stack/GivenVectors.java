package org.jformers.nn.stack;

import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Embedding;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;

/** The entrance for vectors that were made elsewhere: they enter as they are. */
public final class GivenVectors extends Entrance {
    private final Spec spec;

    /** @param width C */
    public record Spec(int width) implements Entrance.Spec {
        @Override
        public GivenVectors build() {
            return new GivenVectors(this);
        }

        /** It reads no tokens. */
        @Override
        public GivenVectors build(Embedding shared) {
            return build();
        }
    }

    private GivenVectors(Spec spec) {
        this.spec = spec;
    }

    @Override
    public Set<String> takes() {
        return Set.of("inputs_embeds");
    }

    @Override
    public Tensor forward(StackInput input, long seen) {
        Tensor x_BTC = input.embeds().orElseThrow(() -> new ShapeException("input: got no vectors, allowed vectors"));
        Shapes.require("vectors", x_BTC, -1, -1, spec.width());
        return x_BTC;
    }
}
