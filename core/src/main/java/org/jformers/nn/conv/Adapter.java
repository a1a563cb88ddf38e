package org.jformers.nn.conv;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.tensor.Seeds;

/**
 * Shortens what an encoder of sound gives: convolutions with a gate, one frame for every few. Source: transformers
 * 5.18, {@code Wav2Vec2Adapter}.
 *
 * <p>Dimensions: B batch, T frames in, U frames out, C width in, O width out.
 */
public final class Adapter extends Module {
    private final Spec spec;
    private final Optional<Linear> projection;
    private final Optional<LayerNorm> norm;
    private final List<Conv1d> convolutions;

    /**
     * @param in C
     * @param out O
     * @param layers number of convolutions
     * @param kernel frames under the window
     * @param stride frames from one window to the next
     * @param layerDrop share of the convolutions that a training pass leaves out, in [0, 1)
     */
    public record Spec(int in, int out, int layers, int kernel, int stride, double layerDrop) {
        public Adapter build() {
            return new Adapter(this);
        }
    }

    private Adapter(Spec spec) {
        this.spec = spec;
        boolean projects = spec.in() != spec.out();
        projection = projects
                ? Optional.of(child("projection", new Linear.Spec(spec.in(), spec.out()).build()))
                : Optional.empty();
        norm = projects
                ? Optional.of(child("norm", new LayerNorm.Spec(spec.out(), 1e-5).build()))
                : Optional.empty();
        convolutions = children("convolutions", Collections.nCopies(spec.layers(),
                        Conv1d.Spec.of(spec.out(), 2 * spec.out(), spec.kernel())
                                .withStride(spec.stride()).withPadding(1))
                .stream()
                .map(Conv1d.Spec::build)
                .toList());
    }

    /** [B, T, C] to [B, U, O]. */
    public Tensor forward(Tensor x_BTC) {
        Tensor x_BTO = projection.isPresent() ? norm.get().forward(projection.get().forward(x_BTC)) : x_BTC;
        Tensor x_BOT = x_BTO.transpose(1, 2);
        for (Conv1d convolution : convolutions) {
            if (!training() || spec.layerDrop() == 0 || Seeds.uniform() > spec.layerDrop()) {
                x_BOT = torch.glu(convolution.forward(x_BOT), 1);
            }
        }
        return x_BOT.transpose(1, 2);
    }
}
