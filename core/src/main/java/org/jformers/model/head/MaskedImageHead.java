package org.jformers.model.head;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Loss;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.nn.Embedding;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.conv.Convolution;
import org.jformers.nn.stack.PatchGrid;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * The pixels of an image from its vectors, and the mean distance of those that were hidden. Source: arXiv:2111.09886
 * (SimMIM).
 *
 * <p>Dimensions: B batch, T vectors, C width.
 */
public final class MaskedImageHead extends Head {
    private final Spec spec;
    private final Decoder decoder;

    /** One linear map for all vectors, each to a square of pixels. */
    private static final class Decoder extends Module {
        private final Tensor weight;
        private final Tensor bias;

        Decoder(int width, int values) {
            weight = parameter("weight", Role.WEIGHT, values, width, 1, 1);
            bias = parameter("bias", Role.BIAS, values);
        }
    }

    /**
     * @param width C
     * @param grid the images and their patches
     * @param stride rows and columns of pixels that a vector makes
     * @param skipped vectors in front that are no part of the image: 1 for a class token
     */
    public record Spec(int width, PatchGrid grid, int stride, int skipped) implements Head.Spec {
        public Spec {
            if (stride < 1) {
                throw new IllegalArgumentException("masked image: got stride " + stride + ", allowed >= 1");
            }
        }

        @Override
        public MaskedImageHead build(Optional<Embedding> tokens) {
            return new MaskedImageHead(this);
        }
    }

    private MaskedImageHead(Spec spec) {
        this.spec = spec;
        int values = spec.stride() * spec.stride() * spec.grid().channels();
        decoder = child("decoder", new Decoder(spec.width(), values));
    }

    @Override
    public Set<String> takes() {
        return Set.of("bool_masked_pos");
    }

    @Override
    public void forward(Tensor hidden_BTC, ModelInputs inputs, ModelOutput output) {
        long count = hidden_BTC.size(1) - spec.skipped();
        long side = (long) Math.sqrt(count);
        if (side * side != count) {
            throw new ShapeException("pixel_values: got an image of " + count + " vectors, allowed squares");
        }
        Tensor vector_BCHW = hidden_BTC.narrow(1, spec.skipped(), count).transpose(1, 2)
                .reshape(hidden_BTC.size(0), hidden_BTC.size(2), side, side);
        Tensor values = Convolution.ofImages(vector_BCHW, decoder.weight, Optional.of(decoder.bias), 1, 1);
        Tensor made = torch.pixel_shuffle(values, spec.stride());
        output.put("reconstruction", made);
        inputs.find("bool_masked_pos").ifPresent(masked ->
                output.put("loss", loss(made.to(ScalarType.Float), inputs.require("pixel_values"), masked)));
    }

    /** The mean over the hidden patches, times their number: they are its labels. */
    @Override
    public Loss loss(Tensor hidden_BTC, ModelInputs inputs) {
        Tensor hidden_BP = inputs.require("bool_masked_pos");
        ModelOutput output = new ModelOutput();
        forward(hidden_BTC, inputs, output);
        Tensor mean = output.get("loss");
        return Loss.of(mean.mul(Tensors.beside(hidden_BP.sum(), mean)), Optional.empty());
    }

    private Tensor loss(Tensor made, Tensor pixels, Tensor masked_BP) {
        if (!Arrays.equals(made.shape(), pixels.shape())) {
            throw new ShapeException("bool_masked_pos: got images " + Arrays.toString(pixels.shape())
                    + ", allowed those of the size that the head makes, " + Arrays.toString(made.shape()));
        }
        PatchGrid grid = spec.grid();
        Shapes.require("bool_masked_pos", masked_BP, -1, grid.patches());
        Tensor mask_B1HW = Tensors.beside(masked_BP, made).view(-1, grid.rows(), grid.columns())
                .repeat_interleave(grid.patchHeight(), new LongOptional(1), new LongOptional())
                .repeat_interleave(grid.patchWidth(), new LongOptional(2), new LongOptional())
                .unsqueeze(1).to(ScalarType.Float);
        Tensor distance = made.sub(Tensors.alike(pixels, made)).abs().mul(mask_B1HW).sum();
        return distance.div(mask_B1HW.sum().add(new Scalar(1e-5))).div(new Scalar((double) grid.channels()));
    }
}
