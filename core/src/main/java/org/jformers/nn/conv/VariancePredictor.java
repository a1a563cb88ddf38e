package org.jformers.nn.conv;

import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.norm.LayerNorm;

/**
 * One number for each token, such as its length, pitch or energy: convolutions and a linear map. Source: FastSpeech 2,
 * arXiv:2006.04558, 2.3.
 *
 * <p>Dimensions: B batch, T tokens, C width, U channels.
 */
public final class VariancePredictor extends Module {
    private final List<Layer> layers;
    private final Linear out;

    /**
     * @param width C
     * @param channels U
     * @param layers number of convolutions
     * @param kernel tokens under a window, odd
     * @param dropout rate behind each convolution, in [0, 1)
     */
    public record Spec(int width, int channels, int layers, int kernel, double dropout) {
        public VariancePredictor build() {
            return new VariancePredictor(this);
        }
    }

    private VariancePredictor(Spec spec) {
        layers = children("layers", IntStream.range(0, spec.layers())
                .mapToObj(i -> new Layer(spec, i == 0 ? spec.width() : spec.channels()))
                .toList());
        out = child("out", new Linear.Spec(spec.channels(), 1).build());
    }

    /** [B, T, C] to [B, T, 1]. */
    public Tensor forward(Tensor x_BTC) {
        Tensor x_BTU = x_BTC;
        for (Layer layer : layers) {
            x_BTU = layer.forward(x_BTU);
        }
        return out.forward(x_BTU);
    }

    private static final class Layer extends Module {
        private final Conv1d convolution;
        private final LayerNorm norm;
        private final Dropout dropout;

        Layer(Spec spec, int in) {
            convolution = child("convolution", Conv1d.Spec.same(in, spec.channels(), spec.kernel()).build());
            norm = child("norm", new LayerNorm.Spec(spec.channels(), 1e-5).build());
            dropout = new Dropout(spec.dropout());
        }

        Tensor forward(Tensor x_BTU) {
            Tensor inner_BUT = Activation.RELU.apply(convolution.forward(x_BTU.transpose(1, 2)));
            return dropout.forward(norm.forward(inner_BUT.transpose(1, 2)), training());
        }
    }
}
