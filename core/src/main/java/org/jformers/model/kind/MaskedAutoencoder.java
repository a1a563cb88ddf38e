package org.jformers.model.kind;

import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.ConfigException;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ModelSpec;
import org.jformers.nn.Initialization;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.PatchEmbedding;
import org.jformers.nn.stack.PatchGrid;
import org.jformers.nn.stack.Stack;
import org.jformers.nn.stack.StackInput;
import org.jformers.tensor.Precision;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * An encoder that reads some patches of an image, and a decoder that guesses the pixels of the others. Source:
 * arXiv:2111.06377. The input {@code noise} [B, P] decides: patches with the smallest numbers are read; without it the
 * process's generator draws it.
 *
 * <p>Dimensions: B batch, P patches, K patches read, C width, F values of one patch.
 */
public final class MaskedAutoencoder extends Model {
    private static final long[] LAST = {-1};

    private final Spec spec;
    private final Network network;

    /** Which pixels the decoder guesses. */
    public enum Pixels {
        /** As they are. */
        PLAIN,
        /** Brought to mean 0 and deviation 1 in each patch. */
        NORMALISED
    }

    /**
     * The half that guesses.
     *
     * @param body its stack; enters by {@link org.jformers.nn.stack.PatchRestoration}
     * @param pixels which pixels it guesses
     */
    public record Decoder(Stack.Spec body, Pixels pixels) {}

    /**
     * @param grid the images and their patches
     * @param encoder the stack that reads; enters by {@link PatchEmbedding}
     * @param maskRatio share of the patches that it does not read, in [0, 1)
     * @param decoder the half that guesses; empty for the encoder alone
     * @param initialization how parameters start
     */
    public record Spec(
            PatchGrid grid,
            Stack.Spec encoder,
            double maskRatio,
            Optional<Decoder> decoder,
            Initialization initialization)
            implements ModelSpec {
        public Spec {
            if (!(maskRatio >= 0 && maskRatio < 1)) {
                throw new ConfigException("masked autoencoder: got mask_ratio " + maskRatio + ", allowed [0, 1)");
            }
        }

        /** How many of the patches of an image the encoder reads. */
        public long read(long patches) {
            return (long) (patches * (1 - maskRatio));
        }

        @Override
        public Optional<PatchGrid> patches() {
            return Optional.of(grid);
        }

        @Override
        public String toString() {
            return describe();
        }

        @Override
        public MaskedAutoencoder build(Identity identity) {
            return new MaskedAutoencoder(identity, this);
        }
    }

    private static final class Network extends Module {
        private final Stack encoder;
        private final PatchEmbedding patches;
        private final Optional<Stack> decoder;
        private final Optional<Linear> pixels;

        Network(Spec spec) {
            encoder = child("encoder", spec.encoder().build());
            patches = (PatchEmbedding) encoder.input();
            decoder = spec.decoder().map(half -> child("decoder", half.body().build()));
            pixels = spec.decoder().map(half -> child(
                    "pixels", new Linear.Spec(half.body().width(), spec.grid().patchValues()).build()));
        }
    }

    private MaskedAutoencoder(Identity identity, Spec spec) {
        super(identity);
        this.spec = spec;
        network = new Network(spec);
    }

    @Override
    public Set<String> takes() {
        return Set.of("pixel_values", "noise", "attention_mask", "interpolate_pos_encoding");
    }

    @Override
    protected ModelOutput run(ModelInputs inputs) {
        StackInput image = Tower.images(inputs);
        Tensor pixels = image.features().orElseThrow();
        boolean interpolate = image.patches().interpolate();
        Order order = order(inputs, network.patches.size(image), pixels.size(0));
        Capture capture = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions());
        Tensor hidden_BTC = network.encoder.forward(
                image.withPatches(new StackInput.Patches(Optional.empty(), Optional.of(order.read_BK), interpolate))
                        .withReal(inputs.mask("attention_mask")),
                capture);
        ModelOutput output = new ModelOutput();
        if (network.decoder.isPresent()) {
            Tensor logits_BPF = guess(hidden_BTC, order, interpolate);
            output.put("loss", loss(logits_BPF, pixels, order.mask_BP)).put("logits", logits_BPF);
        } else {
            output.put("last_hidden_state", hidden_BTC);
        }
        return output.put("mask", Tensors.beside(order.mask_BP, hidden_BTC))
                .put("ids_restore", Tensors.beside(order.restore_BP, hidden_BTC))
                .putAll("hidden_states", capture.hiddenStates())
                .putAll("attentions", capture.attentions());
    }

    /**
     * Which patches are read.
     *
     * @param read_BK the patches that are read
     * @param restore_BP where each patch is among those read, then those not
     * @param mask_BP 1 for those not read
     */
    private record Order(Tensor read_BK, Tensor restore_BP, Tensor mask_BP) {}

    /** The mean over the patches that were not read, times their number: they are its labels. */
    @Override
    protected Loss lossOf(ModelInputs inputs) {
        if (network.decoder.isEmpty()) {
            return super.lossOf(inputs);
        }
        ModelOutput output = run(inputs);
        return Loss.of(output.get("loss").mul(output.get("mask").sum()), Optional.empty());
    }

    private Order order(ModelInputs inputs, PatchEmbedding.Size size, long batch) {
        long patches = size.rows() * size.columns();
        Tensor noise_BP = inputs.find("noise").orElseGet(() -> {
            Tensor drawn = Tensors.empty(ScalarType.Float, batch, patches);
            Tensors.fillUniform(drawn, 0, 1);
            return drawn;
        });
        Shapes.require("noise", noise_BP, batch, patches);
        long read = spec.read(patches);
        Tensor shuffled_BP = noise_BP.argsort(1, false);
        Tensor restore_BP = shuffled_BP.argsort(1, false);
        Tensor mask_BP = restore_BP.ge(new Scalar(read)).to(ScalarType.Float);
        return new Order(shuffled_BP.narrow(1, 0, read), restore_BP, mask_BP);
    }

    private Tensor guess(Tensor hidden_BTC, Order order, boolean interpolate) {
        StackInput in = StackInput.of(Optional.empty(), Optional.of(hidden_BTC)).withPatches(
                new StackInput.Patches(Optional.empty(), Optional.of(order.restore_BP), interpolate));
        Tensor x_BTC = network.decoder.orElseThrow().forward(in, Capture.nothing());
        return network.pixels.orElseThrow().forward(x_BTC.narrow(1, 1, x_BTC.size(1) - 1));
    }

    /** Mean squared distance of the pixels that were not read. */
    private Tensor loss(Tensor logits_BPF, Tensor pixels, Tensor mask_BP) {
        return Precision.withoutAutocast(() -> {
            Tensor target_BPF = patches(Tensors.beside(pixels, logits_BPF).to(ScalarType.Float));
            if (spec.decoder().orElseThrow().pixels() == Pixels.NORMALISED) {
                Tensor deviation = target_BPF.var(LAST, true, true).add(new Scalar(1e-6)).sqrt();
                target_BPF = target_BPF.sub(target_BPF.mean(LAST, true, null)).div(deviation);
            }
            Tensor distance_BP = logits_BPF.to(ScalarType.Float).sub(target_BPF).square().mean(LAST, false, null);
            Tensor hidden_BP = Tensors.beside(mask_BP, distance_BP);
            return distance_BP.mul(hidden_BP).sum().div(hidden_BP.sum());
        });
    }

    /** The pixels of each patch, row by row, the channels of a pixel together: [B, P, F]. */
    private Tensor patches(Tensor pixels) {
        PatchGrid grid = spec.grid();
        long rows = pixels.size(2) / grid.patchHeight();
        long columns = pixels.size(3) / grid.patchWidth();
        return pixels
                .narrow(2, 0, rows * grid.patchHeight())
                .narrow(3, 0, columns * grid.patchWidth())
                .reshape(pixels.size(0), grid.channels(), rows, grid.patchHeight(), columns, grid.patchWidth())
                .permute(0, 2, 4, 3, 5, 1)
                .reshape(pixels.size(0), rows * columns, grid.patchValues());
    }

    @Override
    public Module network() {
        return network;
    }
}
