package org.jformers.nn.stack;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.Parameter.Role;
import org.jformers.nn.SpanMask;
import org.jformers.nn.conv.Conv1d;
import org.jformers.nn.conv.FrameCount;
import org.jformers.nn.conv.WeightNormConv1d;
import org.jformers.nn.norm.LayerNorm;
import org.jformers.nn.norm.Norm;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * The entrance for waveforms: convolutions that turn samples into frames, a projection, and positions by a wide
 * convolution over the frames. Source: wav2vec 2.0, arXiv:2006.11477, 2.
 *
 * <p>Dimensions: B batch, S samples, T frames, O channels of the last convolution, C width.
 */
public final class WaveformEntrance extends Entrance {
    private static final Scalar ZERO = Tensors.constant(0);
    private static final double EPSILON = 1e-5;

    private final Spec spec;
    private final List<Frames> convolutions;
    private final Norm projectionNorm;
    private final Linear projection;
    private final Optional<Tensor> maskVector_C;
    private final WeightNormConv1d positions;
    private final Optional<Norm> norm;
    private final Dropout projectionDropout;
    private final Dropout dropout;

    /** Which convolutions have a norm. */
    public enum ConvolutionNorm {
        /** The first one, over time, each channel by itself. */
        FIRST_OVER_TIME,
        /** All, over the channels. */
        ALL_OVER_CHANNELS
    }

    /**
     * What training hides, to be guessed from what is around it.
     *
     * @param frames frames in whose place a trained vector enters
     * @param channels channels of the projected frames that become zero
     * @param applied whether it is done; the vector is there either way
     */
    public record Hidden(SpanMask frames, SpanMask channels, boolean applied) {}

    /**
     * @param convolutions first to last; the first has one channel in, none is padded
     * @param convolutionNorm which of them have a norm
     * @param activation behind each convolution, and behind the positions
     * @param epsilon added to the variance in the projection's norm
     * @param projectionDropout rate behind the projection, in [0, 1)
     * @param positions the convolution over C channels whose output is added; keeps the number of frames, or one more
     * @param norm behind the sum, if there is one
     * @param dropout rate behind that, in [0, 1)
     * @param hidden what training hides, if it may hide anything
     */
    public record Spec(
            List<Conv1d.Spec> convolutions,
            ConvolutionNorm convolutionNorm,
            Activation activation,
            double epsilon,
            double projectionDropout,
            Conv1d.Spec positions,
            Optional<Norm.Spec> norm,
            double dropout,
            Optional<Hidden> hidden)
            implements Entrance.Spec {
        public Spec {
            convolutions = List.copyOf(convolutions);
            if (convolutions.isEmpty()) {
                throw new IllegalArgumentException("waveform: got no convolutions, allowed at least one");
            }
        }

        @Override
        public int width() {
            return positions.out();
        }

        /** How many frames samples become. */
        public FrameCount frames() {
            return new FrameCount(convolutions.stream()
                    .map(one -> new FrameCount.Window(one.kernel(), one.stride()))
                    .toList());
        }

        @Override
        public WaveformEntrance build() {
            return new WaveformEntrance(this);
        }

        /** It reads no tokens. */
        @Override
        public WaveformEntrance build(Embedding shared) {
            return build();
        }
    }

    private WaveformEntrance(Spec spec) {
        this.spec = spec;
        convolutions = children("convolutions", IntStream.range(0, spec.convolutions().size())
                .mapToObj(i -> new Frames(spec, i))
                .toList());
        int channels = spec.convolutions().get(spec.convolutions().size() - 1).out();
        projectionNorm = child("projectionNorm", new LayerNorm.Spec(channels, spec.epsilon()).build());
        projection = child("projection", new Linear.Spec(channels, spec.width()).build());
        maskVector_C = spec.hidden().map(hidden -> parameter("maskVector", Role.HIDING_VECTOR, spec.width()));
        positions = child("positions", new WeightNormConv1d.Spec(spec.positions()).build());
        norm = spec.norm().map(kind -> child("norm", kind.build()));
        projectionDropout = new Dropout(spec.projectionDropout());
        dropout = new Dropout(spec.dropout());
    }

    /** Samples [B, S] to [B, T, C]. */
    @Override
    public Tensor forward(StackInput input, long seen) {
        Tensor sample_BS = input.requireFeatures("input_values");
        Shapes.require("input_values", sample_BS, -1, -1);
        if (spec.frames().frames(sample_BS.size(1)) < 1) {
            throw new ShapeException("input_values: got " + sample_BS.size(1) + " samples, too few for one frame");
        }
        Tensor frame_BOT = convolutions.get(0).typed(sample_BS).unsqueeze(1);
        for (Frames convolution : convolutions) {
            frame_BOT = convolution.forward(frame_BOT);
        }
        Tensor x_BTC = projection.forward(projectionNorm.forward(frame_BOT.transpose(1, 2)));
        x_BTC = projectionDropout.forward(x_BTC, training());
        Optional<Tensor> real_BT = real(input);
        if (training() && spec.hidden().map(Hidden::applied).orElse(false)) {
            x_BTC = hidden(x_BTC, spec.hidden().get(), real_BT);
        }
        if (real_BT.isPresent()) {
            x_BTC = x_BTC.masked_fill(Tensors.beside(real_BT.get().logical_not(), x_BTC).unsqueeze(2), ZERO);
        }
        x_BTC = x_BTC.add(placed(x_BTC));
        if (norm.isPresent()) {
            x_BTC = norm.get().forward(x_BTC);
        }
        return dropout.forward(x_BTC, training());
    }

    /** The vectors of the positions; an even window makes one frame too many. */
    private Tensor placed(Tensor x_BTC) {
        Tensor position_BCT = positions.forward(x_BTC.transpose(1, 2)).narrow(2, 0, x_BTC.size(1));
        return spec.activation().apply(position_BCT).transpose(1, 2);
    }

    private Tensor hidden(Tensor x_BTC, Hidden hidden, Optional<Tensor> real_BT) {
        Tensor x = x_BTC;
        if (hidden.frames().hides()) {
            Tensor mask_BT = hidden.frames().draw(x.size(0), x.size(1), real_BT);
            x = torch.where(Tensors.beside(mask_BT, x).unsqueeze(2), maskVector_C.orElseThrow().to(Tensors.type(x)), x);
        }
        if (hidden.channels().hides()) {
            Tensor mask_BC = hidden.channels().draw(x.size(0), x.size(2), Optional.empty());
            x = x.masked_fill(Tensors.beside(mask_BC, x).unsqueeze(1), ZERO);
        }
        return x;
    }

    @Override
    public Set<String> takes() {
        return Set.of("input_values");
    }

    @Override
    public Optional<Tensor> real(StackInput input) {
        return input.real().map(real_BS -> {
            Tensor sample_BS = input.requireFeatures("input_values");
            Shapes.require("attention_mask", real_BS, sample_BS.size(0), sample_BS.size(1));
            return spec.frames().real(real_BS, spec.frames().frames(sample_BS.size(1)));
        });
    }

    /** One convolution, its norm and its activation. */
    private static final class Frames extends Module {
        private final Conv1d convolution;
        private final Optional<Norm> overChannels;
        private final Optional<ChannelNorm> overTime;
        private final Activation activation;

        Frames(Spec spec, int index) {
            Conv1d.Spec one = spec.convolutions().get(index);
            convolution = child("convolution", one.build());
            overChannels = spec.convolutionNorm() == ConvolutionNorm.ALL_OVER_CHANNELS
                    ? Optional.of(child("norm", new LayerNorm.Spec(one.out(), EPSILON).build()))
                    : Optional.empty();
            overTime = spec.convolutionNorm() == ConvolutionNorm.FIRST_OVER_TIME && index == 0
                    ? Optional.of(child("norm", new ChannelNorm(one.out())))
                    : Optional.empty();
            activation = spec.activation();
        }

        Tensor typed(Tensor x) {
            return convolution.typed(x);
        }

        Tensor forward(Tensor x_BIT) {
            Tensor y_BOT = convolution.forward(x_BIT);
            if (overChannels.isPresent()) {
                y_BOT = overChannels.get().forward(y_BOT.transpose(1, 2)).transpose(1, 2);
            }
            if (overTime.isPresent()) {
                y_BOT = overTime.get().forward(y_BOT);
            }
            return activation.apply(y_BOT);
        }
    }

    /**
     * Brings each channel of a row to mean 0 and variance 1 over time: group norm (arXiv:1803.08494) of single
     * channels.
     */
    private static final class ChannelNorm extends Module {
        private final Tensor weight_O;
        private final Tensor bias_O;

        ChannelNorm(int channels) {
            weight_O = parameter("weight", Role.SCALE, channels);
            bias_O = parameter("bias", Role.BIAS, channels);
        }

        Tensor forward(Tensor x_BOT) {
            return Scopes.scoped(() -> Tensors.shaped(x_BOT, x_BOT.shape(), () -> torch.group_norm(
                    x_BOT, weight_O.size(0), new TensorOptional(weight_O), new TensorOptional(bias_O), EPSILON, true)));
        }
    }
}
