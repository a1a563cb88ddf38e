package org.jformers.model.kind;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.JformersException;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ModelSpec;
import org.jformers.nn.Dropout;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.conv.Conv1d;
import org.jformers.nn.conv.LengthRegulator;
import org.jformers.nn.conv.Postnet;
import org.jformers.nn.conv.VariancePredictor;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.ConformerStack;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * Speaks a text without going through it token by token: an encoder of tokens, predictions of how long, how high and
 * how loud each token is, and a decoder of frames. Source: FastSpeech 2, arXiv:2006.04558; with Conformers:
 * arXiv:2010.13956. In training the labels' durations, pitches and energies take the place of the predictions, and
 * there is a loss.
 *
 * <p>Dimensions: B batch, T tokens, F frames, C width, M mel bands, E width of a voice.
 */
public final class FastSpeechModel extends Model {
    private final Spec spec;
    private final Network network;
    private final LengthRegulator plain = new LengthRegulator(1);

    /**
     * What each token is given besides its vector.
     *
     * @param predictor what predicts it
     * @param kernel tokens under the window by which it is turned into a vector
     * @param dropout rate on that vector, in [0, 1)
     * @param stopsGradient whether the predictor does not train what is before it
     */
    public record Variance(VariancePredictor.Spec predictor, int kernel, double dropout, boolean stopsGradient) {}

    /**
     * Whose voice, in which language.
     *
     * @param speakers number of speakers known by id; 0 for none
     * @param languages number of languages; 0 for none
     * @param voiceWidth E, width of the vector of a voice; 0 if there is none
     */
    public record Voices(int speakers, int languages, int voiceWidth) {}

    /**
     * @param tokens the token table
     * @param encoder reads the tokens
     * @param voices whose voice, in which language
     * @param durations predicts log(1 + frames) of each token
     * @param pitch its height
     * @param energy its loudness
     * @param lengths how durations become frames
     * @param decoder reads the frames
     * @param framesPerVector frames that each vector of the decoder becomes
     * @param postnet refines the spectrogram
     * @param weighting how the loss treats rows of unequal length
     * @param initialization how parameters start
     */
    public record Spec(
            Embedding.Spec tokens,
            ConformerStack.Spec encoder,
            Voices voices,
            VariancePredictor.Spec durations,
            Variance pitch,
            Variance energy,
            LengthRegulator lengths,
            ConformerStack.Spec decoder,
            int framesPerVector,
            Postnet.Spec postnet,
            FastSpeechLoss.Weighting weighting,
            Initialization initialization)
            implements ModelSpec {
        int width() {
            return tokens.width();
        }

        @Override
        public String toString() {
            return describe();
        }

        @Override
        public FastSpeechModel build(Identity identity) {
            return new FastSpeechModel(identity, this);
        }
    }

    private static final class Network extends Module {
        private final Embedding tokens;
        private final ConformerStack encoder;
        private final Optional<Embedding> speakers;
        private final Optional<Embedding> languages;
        private final Optional<Linear> voice;
        private final VariancePredictor durations;
        private final Curve pitch;
        private final Curve energy;
        private final ConformerStack decoder;
        private final Linear spectrogram;
        private final Postnet postnet;

        Network(Spec spec) {
            int width = spec.width();
            tokens = child("tokens", spec.tokens().build());
            encoder = child("encoder", spec.encoder().build());
            speakers = table("speakers", spec.voices().speakers(), width);
            languages = table("languages", spec.voices().languages(), width);
            voice = spec.voices().voiceWidth() > 0
                    ? Optional.of(child("voice", new Linear.Spec(width + spec.voices().voiceWidth(), width).build()))
                    : Optional.empty();
            durations = child("durations", spec.durations().build());
            pitch = child("pitch", new Curve(spec.pitch(), width));
            energy = child("energy", new Curve(spec.energy(), width));
            decoder = child("decoder", spec.decoder().build());
            spectrogram = child(
                    "spectrogram", new Linear.Spec(width, spec.postnet().bands() * spec.framesPerVector()).build());
            postnet = child("postnet", spec.postnet().build());
        }

        private Optional<Embedding> table(String name, int entries, int width) {
            return entries > 1
                    ? Optional.of(child(name, new Embedding.Spec(entries, width, -1).build()))
                    : Optional.empty();
        }
    }

    /** Predicts one number for each token and turns numbers into vectors. */
    private static final class Curve extends Module {
        private final VariancePredictor predictor;
        private final Conv1d embedding;
        private final Dropout dropout;
        private final boolean stopsGradient;

        Curve(Variance spec, int width) {
            predictor = child("predictor", spec.predictor().build());
            embedding = child("embedding", Conv1d.Spec.same(1, width, spec.kernel()).build());
            dropout = new Dropout(spec.dropout());
            stopsGradient = spec.stopsGradient();
        }

        /** [B, T, C] to [B, T, 1], 0 for padding. */
        Tensor predict(Tensor x_BTC, Tensor padding_BT) {
            Tensor value_BT1 = predictor.forward(stopsGradient ? x_BTC.detach() : x_BTC);
            return value_BT1.masked_fill(padding_BT.unsqueeze(2), new Scalar(0));
        }

        /** [B, T, 1] to [B, T, C]. */
        Tensor vectors(Tensor value_BT1) {
            return dropout.forward(embedding.forward(embedding.typed(value_BT1).transpose(1, 2)), training())
                    .transpose(1, 2);
        }
    }

    private FastSpeechModel(Identity identity, Spec spec) {
        super(identity);
        this.spec = spec;
        network = new Network(spec);
    }

    @Override
    public Set<String> takes() {
        Set<String> names = new HashSet<>(Set.of("input_ids", "attention_mask", "spectrogram_labels", "duration_labels",
                "pitch_labels", "energy_labels"));
        network.speakers.ifPresent(table -> names.add("speaker_ids"));
        network.languages.ifPresent(table -> names.add("lang_ids"));
        network.voice.ifPresent(map -> names.add("speaker_embedding"));
        return names;
    }

    @Override
    protected ModelOutput run(ModelInputs inputs) {
        Tensor id_BT = inputs.require("input_ids");
        Shapes.require("input_ids", id_BT, -1, -1);
        if (id_BT.numel() == 0) {
            throw new ShapeException("input_ids: got no tokens, allowed at least one per row");
        }
        Shapes.requireIds("input_ids", id_BT, spec.tokens().entries());
        Optional<Tensor> real_BT = inputs.mask("attention_mask");
        real_BT.ifPresent(mask -> Shapes.require("attention_mask", mask, id_BT.size(0), id_BT.size(1)));
        Optional<FastSpeechLabels> labels =
                network.training() ? Optional.of(FastSpeechLabels.of(inputs, id_BT)) : Optional.empty();
        if (labels.isPresent() && spec.framesPerVector() > 1) {
            throw new JformersException("fastspeech: got training with " + spec.framesPerVector()
                    + " frames per vector (reduction_factor), allowed 1");
        }
        Tensor padding_BT = real_BT.map(Tensor::logical_not)
                .orElseGet(() -> id_BT.ne(id_BT));

        Capture encoderCapture = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions());
        Tensor token_BTC = network.tokens.forward(id_BT);
        Tensor padded_BT = Tensors.beside(padding_BT, token_BTC);
        Tensor encoded_BTC = network.encoder.forward(token_BTC, real_BT, encoderCapture);
        Tensor x_BTC = spoken(encoded_BTC, inputs);
        Tensor pitch_BT1 = network.pitch.predict(x_BTC, padded_BT);
        Tensor energy_BT1 = network.energy.predict(x_BTC, padded_BT);
        Tensor logDuration_BT = network.durations.forward(x_BTC).squeeze(2);
        Tensor duration_BT = (labels.isPresent() ? logDuration_BT : frames(logDuration_BT))
                .masked_fill(padded_BT, new Scalar(0));

        x_BTC = x_BTC.add(network.energy.vectors(labels.map(FastSpeechLabels::energy_BT1).orElse(energy_BT1)))
                .add(network.pitch.vectors(labels.map(FastSpeechLabels::pitch_BT1).orElse(pitch_BT1)));
        Tensor x_BFC = labels.isPresent()
                ? plain.forward(x_BTC, labels.get().duration_BT())
                : spec.lengths().forward(x_BTC, duration_BT);
        Capture decoderCapture = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions());
        Optional<Tensor> realFrame_BF = labels.map(given -> given.realFrames(x_BFC.size(1)));
        Tensor decoded_BFC = network.decoder.forward(x_BFC, realFrame_BF, decoderCapture);
        Tensor rough_BFM = network.spectrogram.forward(decoded_BFC)
                .view(id_BT.size(0), -1, spec.postnet().bands());
        Tensor spectrogram_BFM = network.postnet.forward(rough_BFM);

        ModelOutput output = new ModelOutput();
        labels.ifPresent(given -> output.put(
                "loss", new FastSpeechLoss(spec.weighting(), given, padding_BT.logical_not())
                        .of(rough_BFM, spectrogram_BFM, duration_BT, pitch_BT1, energy_BT1)));
        return output.put("spectrogram", spectrogram_BFM)
                .put("encoder_last_hidden_state", encoded_BTC)
                .putAll("encoder_hidden_states", encoderCapture.hiddenStates())
                .putAll("encoder_attentions", encoderCapture.attentions())
                .putAll("decoder_hidden_states", decoderCapture.hiddenStates())
                .putAll("decoder_attentions", decoderCapture.attentions())
                .put("duration_outputs", duration_BT)
                .put("pitch_outputs", pitch_BT1)
                .put("energy_outputs", energy_BT1);
    }

    /** What speaker, language and voice add. */
    private Tensor spoken(Tensor x_BTC, ModelInputs inputs) {
        Tensor x = x_BTC;
        if (network.speakers.isPresent() && inputs.find("speaker_ids").isPresent()) {
            x = x.add(one(network.speakers.get(), "speaker_ids", inputs));
        }
        if (network.languages.isPresent() && inputs.find("lang_ids").isPresent()) {
            x = x.add(one(network.languages.get(), "lang_ids", inputs));
        }
        if (network.voice.isPresent() && inputs.find("speaker_embedding").isPresent()) {
            Tensor voice_BE = inputs.find("speaker_embedding").get();
            Shapes.require("speaker_embedding", voice_BE, x.size(0), spec.voices().voiceWidth());
            Tensor voice_BTE = Voice.direction(Tensors.alike(voice_BE, x)).unsqueeze(1)
                    .expand(x.size(0), x.size(1), -1);
            x = network.voice.get().forward(Tensors.cat(2, x, voice_BTE));
        }
        return x;
    }

    /** [B, 1, C]. */
    private static Tensor one(Embedding table, String name, ModelInputs inputs) {
        Tensor id_B = inputs.require(name).flatten();
        Shapes.require(name, id_B, inputs.require("input_ids").size(0));
        Shapes.requireIds(name, id_B, table.spec().entries());
        return table.forward(id_B).unsqueeze(1);
    }

    /** From logarithms to whole frames. */
    private static Tensor frames(Tensor logDuration_BT) {
        return logDuration_BT.exp().sub(new Scalar(1)).round().clamp_min(new Scalar(0)).to(ScalarType.Long);
    }

    @Override
    public Module network() {
        return network;
    }
}
