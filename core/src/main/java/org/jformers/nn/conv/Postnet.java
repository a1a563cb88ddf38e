package org.jformers.nn.conv;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Dropout;
import org.jformers.nn.Module;

/**
 * Refines a spectrogram: convolutions whose output is added to it. Source: Tacotron 2, arXiv:1712.05884, 2.2.
 *
 * <p>Dimensions: B batch, F frames, M mel bands.
 */
public final class Postnet extends Module {
    private final List<Layer> layers;

    /**
     * @param bands M
     * @param units channels between the convolutions
     * @param layers number of convolutions
     * @param kernel frames under a window, odd
     * @param dropout rate behind each convolution, in [0, 1)
     */
    public record Spec(int bands, int units, int layers, int kernel, double dropout) {
        public Postnet build() {
            return new Postnet(this);
        }
    }

    private Postnet(Spec spec) {
        layers = children("layers", IntStream.range(0, spec.layers())
                .mapToObj(i -> new Layer(spec, i == 0, i == spec.layers() - 1))
                .toList());
    }

    /** [B, F, M] to the same. */
    public Tensor forward(Tensor x_BFM) {
        Tensor y_BMF = x_BFM.transpose(1, 2);
        for (Layer layer : layers) {
            y_BMF = layer.forward(y_BMF);
        }
        return x_BFM.add(y_BMF.transpose(1, 2));
    }

    /** A convolution, batch norm and, before the last one, tanh. */
    private static final class Layer extends Module {
        private final Conv1d convolution;
        private final BatchNorm1d norm;
        private final boolean last;
        private final Dropout dropout;

        Layer(Spec spec, boolean first, boolean last) {
            int out = last ? spec.bands() : spec.units();
            convolution = child("convolution",
                    Conv1d.Spec.same(first ? spec.bands() : spec.units(), out, spec.kernel()).withBias(false).build());
            norm = child("norm", new BatchNorm1d.Spec(out).build());
            this.last = last;
            dropout = new Dropout(spec.dropout());
        }

        Tensor forward(Tensor x_BIF) {
            Tensor level_BOF = norm.forward(convolution.forward(x_BIF));
            return dropout.forward(last ? level_BOF : torch.tanh(level_BOF), training());
        }
    }
}
