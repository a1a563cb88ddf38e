package org.jformers.nn.conv;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jformers.nn.Activation;
import org.jformers.nn.Dropout;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.position.ScaledPositions;
import org.jformers.tensor.Seeds;
import org.jformers.tensor.Tensors;

/**
 * Makes the frames of a spectrogram into vectors of a decoder that speaks with somebody's voice. Sources: Tacotron 2,
 * arXiv:1712.05884, 2.2; SpeechT5, arXiv:2110.07205, 2.1.
 *
 * <p>Its dropout is on outside of training too, for variety, and alike in all rows of a batch. As in the reference the
 * rate is the share of values that stay, and what stays is divided by one minus the rate; 0 means none.
 *
 * <p>Dimensions: B batch, F frames, M mel bands, U units, C width, E width of a voice.
 */
public final class SpeechPrenet extends Module {
    private static final Scalar ZERO = Tensors.constant(0);

    private final Spec spec;
    private final List<Linear> layers;
    private final Linear out;
    private final ScaledPositions positions;
    private final Linear voice;
    private final Dropout positionDropout;
    private final Scalar scale;

    /**
     * @param bands M
     * @param units U
     * @param layers number of linear maps with a ReLU behind
     * @param width C
     * @param positions most frames
     * @param voiceWidth E
     * @param dropout rate behind each of the maps, in [0, 1)
     * @param positionDropout rate behind the positions while training, in [0, 1)
     */
    public record Spec(
            int bands,
            int units,
            int layers,
            int width,
            int positions,
            int voiceWidth,
            double dropout,
            double positionDropout) {
        public Spec {
            if (!(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException("speech prenet: got dropout " + dropout + ", allowed [0, 1)");
            }
            if (layers < 1) {
                throw new IllegalArgumentException("speech prenet: got " + layers + " layers, allowed >= 1");
            }
        }

        public SpeechPrenet build() {
            return new SpeechPrenet(this);
        }
    }

    private SpeechPrenet(Spec spec) {
        this.spec = spec;
        layers = children("layers", IntStream.range(0, spec.layers())
                .mapToObj(i -> new Linear.Spec(i == 0 ? spec.bands() : spec.units(), spec.units()).build())
                .toList());
        out = child("out", new Linear.Spec(spec.units(), spec.width()).build());
        positions = child("positions", new ScaledPositions.Spec(spec.positions(), spec.width()).build());
        voice = child("voice", new Linear.Spec(spec.voiceWidth() + spec.width(), spec.width()).build());
        positionDropout = new Dropout(spec.positionDropout());
        scale = Tensors.constant(1 / (1 - spec.dropout()));
    }

    /**
     * Makes vectors.
     *
     * @param x_BFM frames
     * @param voice_BE direction of the voice, of length 1, if there is one
     * @param seen frames before these
     * @return [B, F, C]
     */
    public Tensor forward(Tensor x_BFM, Optional<Tensor> voice_BE, long seen) {
        Tensor x_BFU = x_BFM;
        for (Linear layer : layers) {
            x_BFU = varied(Activation.RELU.apply(layer.forward(x_BFU)));
        }
        long end = seen + x_BFM.size(1);
        positions.requireRoom(end, 0);
        Tensor x_BFC = out.forward(x_BFU).add(positions.forward(Tensors.range(seen, end, x_BFM)));
        Tensor placed_BFC = positionDropout.forward(x_BFC, training());
        if (voice_BE.isEmpty()) {
            return placed_BFC;
        }
        Tensor voice_BFE = voice_BE.get().unsqueeze(1).expand(x_BFM.size(0), x_BFM.size(1), -1);
        return Activation.RELU.apply(voice.forward(Tensors.cat(2, placed_BFC, voice_BFE)));
    }

    private Tensor varied(Tensor x_BFU) {
        if (spec.dropout() == 0) {
            return x_BFU;
        }
        Tensor first_FU = x_BFU.detach().select(0, 0);
        Tensor dropped_FU = torch.bernoulli(first_FU, spec.dropout(), Seeds.generator(first_FU))
                .ne(new Scalar(1));
        return x_BFU.masked_fill(dropped_FU, ZERO).mul(scale);
    }

    public Spec spec() {
        return spec;
    }
}
