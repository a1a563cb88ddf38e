package org.jformers.nn.stack;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Dropout;
import org.jformers.nn.Module;
import org.jformers.nn.block.Block;
import org.jformers.nn.block.ConformerBlock;
import org.jformers.nn.mask.Allowed;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.mask.FullMask;
import org.jformers.nn.mask.Visibility;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * Layers of a Conformer over vectors scaled by sqrt(C), with sinusoidal vectors for the distances.
 *
 * <p>Dimensions: B batch, T tokens, C width, R = 2 T - 1 distances.
 */
public final class ConformerStack extends Module {
    private final Spec spec;
    private final List<ConformerBlock> blocks;
    private final Scalar scale;
    private final Dropout dropout;

    /**
     * @param block each layer
     * @param layers number of layers
     * @param dropout rate on the vectors that enter and on those of the distances, in [0, 1)
     */
    public record Spec(ConformerBlock.Spec block, int layers, double dropout) {
        public Spec {
            if (block.width() % 2 != 0) {
                throw new IllegalArgumentException("conformer: got width " + block.width() + ", allowed even widths");
            }
        }

        public ConformerStack build() {
            return new ConformerStack(this);
        }
    }

    private ConformerStack(Spec spec) {
        this.spec = spec;
        blocks = children("blocks", Collections.nCopies(spec.layers(), spec.block()).stream()
                .map(ConformerBlock.Spec::build)
                .toList());
        scale = Tensors.constant(Math.sqrt(spec.block().width()));
        dropout = new Dropout(spec.dropout());
    }

    /**
     * Runs the layers.
     *
     * @param x_BTC vectors
     * @param real_BT bool, true where one is no padding; all are real if empty
     * @param capture what is asked for besides
     * @return [B, T, C]
     */
    public Tensor forward(Tensor x_BTC, Optional<Tensor> real_BT, Capture capture) {
        long length = x_BTC.size(1);
        Allowed allowed = Visibility.of(0, length, length, BatchMasks.ofReal(real_BT))
                .prepare(new FullMask(), Precision.productType(Tensors.type(x_BTC)));
        Tensor distance_1RC = dropout.forward(distances(length).to(Tensors.type(x_BTC)), training());
        Tensor hidden_BTC = dropout.forward(x_BTC.mul(scale), training());
        for (ConformerBlock block : blocks) {
            capture.hidden(hidden_BTC);
            Tensor in_BTC = hidden_BTC;
            hidden_BTC = Scopes.scoped(() -> {
                Block.Output output = block.forward(in_BTC, distance_1RC, allowed, capture.wantWeights());
                capture.inside(output);
                return output.hidden_BTC();
            });
            capture.layer(hidden_BTC);
        }
        capture.hidden(hidden_BTC);
        return hidden_BTC;
    }

    /** Sines and cosines of T - 1 down to 1 - T, side by side, [1, R, C]. */
    private Tensor distances(long length) {
        int width = spec.block().width();
        int count = Math.toIntExact(2 * length - 1);
        float[] values = new float[count * width];
        for (int i = 0; i < width; i += 2) {
            float frequency = (float) Math.pow(10_000, -i / (double) width);
            for (int row = 0; row < count; row++) {
                double angle = (float) (length - 1 - row) * frequency;
                values[row * width + i] = (float) Math.sin(angle);
                values[row * width + i + 1] = (float) Math.cos(angle);
            }
        }
        return Tensors.to(Tensors.ofFloats(values, 1, count, width), device());
    }
}
