package org.jformers.model.kind;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ModelSpec;
import org.jformers.nn.Initialization;
import org.jformers.nn.Linear;
import org.jformers.nn.Module;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.conv.Postnet;
import org.jformers.nn.conv.SpeechPrenet;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.Stack;
import org.jformers.nn.stack.StackInput;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Shapes;
import org.jformers.tensor.Tensors;

/**
 * Speaks a text frame by frame: an encoder of tokens and a decoder of a spectrogram with somebody's voice. Source:
 * SpeechT5, arXiv:2110.07205.
 *
 * <p>Dimensions: B batch, S tokens, F frames, U vectors of the decoder, R frames per vector, M mel bands, C width.
 */
public final class TextToSpeechModel extends Model {
    private static final String LABELS = "labels";

    private final Spec spec;
    private final Network network;

    /**
     * @param encoder reads the text
     * @param prenet makes frames into the decoder's vectors
     * @param decoder writes; its blocks have cross-attention
     * @param postnet refines the spectrogram
     * @param loss how far a spectrogram is from a recording
     * @param paddingId the token that pads texts
     * @param initialization how parameters start
     */
    public record Spec(
            Stack.Spec encoder,
            SpeechPrenet.Spec prenet,
            Stack.Spec decoder,
            Postnet.Spec postnet,
            SpeechLoss loss,
            int paddingId,
            Initialization initialization)
            implements ModelSpec {
        @Override
        public String toString() {
            return describe();
        }

        @Override
        public TextToSpeechModel build(Identity identity) {
            return new TextToSpeechModel(identity, this);
        }

        int bands() {
            return prenet.bands();
        }

        int framesPerVector() {
            return loss.framesPerVector();
        }
    }

    /**
     * When a spectrogram ends.
     *
     * @param threshold probability of the end at which it does
     * @param leastFrames fewest frames for each token
     * @param mostFrames most frames for each token
     */
    public record Ending(double threshold, double leastFrames, double mostFrames) {
        /** The reference's. */
        public static final Ending DEFAULT = new Ending(0.5, 0, 20);

        public Ending {
            if (!(leastFrames >= 0 && mostFrames >= 0) || Double.isNaN(threshold)) {
                throw new IllegalArgumentException("speech: got threshold " + threshold + ", " + leastFrames + " to "
                        + mostFrames + " frames for each token, allowed a number and at least 0 frames");
            }
        }
    }

    private static final class Network extends Module {
        private final Stack encoder;
        private final SpeechPrenet prenet;
        private final Stack decoder;
        private final Linear spectrogram;
        private final Linear stop;
        private final Postnet postnet;

        Network(Spec spec) {
            encoder = child("encoder", spec.encoder().build());
            prenet = child("prenet", spec.prenet().build());
            decoder = child("decoder", spec.decoder().build());
            int frames = spec.framesPerVector();
            spectrogram = child("spectrogram", new Linear.Spec(spec.decoder().width(), spec.bands() * frames).build());
            stop = child("stop", new Linear.Spec(spec.decoder().width(), frames).build());
            postnet = child("postnet", spec.postnet().build());
        }
    }

    private TextToSpeechModel(Identity identity, Spec spec) {
        super(identity);
        this.spec = spec;
        network = new Network(spec);
    }

    @Override
    public Set<String> takes() {
        return Set.of("input_ids", "inputs_embeds", "attention_mask", "decoder_input_values", "decoder_attention_mask",
                "speaker_embeddings", LABELS);
    }

    @Override
    protected ModelOutput run(ModelInputs inputs) {
        Optional<Tensor> label_BFM = inputs.find(LABELS);
        label_BFM.ifPresent(this::requireFrames);
        boolean guided = label_BFM.isPresent() && spec.loss().guide().isPresent();
        Capture encoderCapture = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions());
        Capture decoderCapture = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions() || guided);
        Tensor memory_BSC = network.encoder.forward(text(inputs), encoderCapture);
        Tensor hidden_BUC = network.decoder.forward(frames(inputs, memory_BSC), decoderCapture);
        Tensor rough_BFM = network.spectrogram.forward(hidden_BUC).view(hidden_BUC.size(0), -1, spec.bands());
        Tensor refined_BFM = network.postnet.forward(rough_BFM);
        Tensor stop_BF = network.stop.forward(hidden_BUC).view(hidden_BUC.size(0), -1);
        ModelOutput output = new ModelOutput();
        label_BFM.ifPresent(label -> output.put("loss", spec.loss().of(
                rough_BFM, refined_BFM, stop_BF, label.to(Tensors.type(rough_BFM)), realTokens(inputs, memory_BSC),
                decoderCapture.crossAttentions())));
        boolean shows = inputs.outputAttentions();
        return output.put("spectrogram", refined_BFM)
                .putAll("decoder_hidden_states", decoderCapture.hiddenStates())
                .putAll("decoder_attentions", shows ? decoderCapture.attentions() : List.of())
                .putAll("cross_attentions", shows ? decoderCapture.crossAttentions() : List.of())
                .put("encoder_last_hidden_state", memory_BSC)
                .putAll("encoder_hidden_states", encoderCapture.hiddenStates())
                .putAll("encoder_attentions", encoderCapture.attentions());
    }

    private void requireFrames(Tensor label_BFM) {
        Shapes.require(LABELS, label_BFM, -1, -1, spec.bands());
        long frames = label_BFM.size(1);
        if (frames == 0 || frames % spec.framesPerVector() != 0) {
            throw new ShapeException(LABELS + ": got " + frames + " frames, allowed positive multiples of "
                    + spec.framesPerVector() + " (reduction_factor)");
        }
    }

    private static StackInput text(ModelInputs inputs) {
        return StackInput.of(inputs.find("input_ids"), inputs.find("inputs_embeds"))
                .withReal(inputs.mask("attention_mask"));
    }

    private static Tensor realTokens(ModelInputs inputs, Tensor memory_BSC) {
        return inputs.mask("attention_mask")
                .orElseGet(() -> Tensors.empty(
                        ScalarType.Bool, memory_BSC.size(0), memory_BSC.size(1)).fill_(new Scalar(1)));
    }

    /** The frames before those to be written; labels give them, a frame of silence ahead. */
    private StackInput frames(ModelInputs inputs, Tensor memory_BSC) {
        Optional<Tensor> mask = inputs.mask("decoder_attention_mask");
        Tensor x_BUM;
        if (inputs.find("decoder_input_values").isPresent()) {
            x_BUM = inputs.find("decoder_input_values").get();
            Shapes.require("decoder_input_values", x_BUM, memory_BSC.size(0), -1, spec.bands());
        } else if (inputs.find(LABELS).isPresent()) {
            Tensor last_BUM = SpeechLoss.thinned(inputs.find(LABELS).get(), spec.framesPerVector());
            Tensor silence_B1M = torch.zeros_like(last_BUM.narrow(1, 0, 1));
            Tensor shifted_BUM = Tensors.cat(1, silence_B1M, last_BUM.narrow(1, 0, last_BUM.size(1) - 1));
            x_BUM = shifted_BUM.masked_fill(shifted_BUM.eq(new Scalar(SpeechLoss.PADDING)), new Scalar(0));
            mask = mask.map(real -> SpeechLoss.thinned(real, spec.framesPerVector()));
        } else {
            throw new ShapeException("text to speech: got neither decoder_input_values nor labels, there are "
                    + inputs.tensors().keySet());
        }
        Tensor x_BUC = network.prenet.forward(Tensors.alike(x_BUM, memory_BSC), voice(inputs, memory_BSC), 0);
        return StackInput.of(Optional.empty(), Optional.of(x_BUC))
                .withReal(mask)
                .withMemory(Optional.of(new StackInput.Memory(memory_BSC, inputs.mask("attention_mask"))));
    }

    /** The direction of the voice, one for each row or one for all. */
    private Optional<Tensor> voice(ModelInputs inputs, Tensor memory_BSC) {
        return inputs.find("speaker_embeddings").map(voice_BE -> {
            long rows = memory_BSC.size(0);
            Shapes.require(
                    "speaker_embeddings", voice_BE, voice_BE.size(0) == 1 ? 1 : rows, spec.prenet().voiceWidth());
            return Voice.direction(Tensors.alike(voice_BE, memory_BSC));
        });
    }

    /**
     * Speaks texts.
     *
     * @param inputs {@code input_ids}, {@code speaker_embeddings} and, with padding on the right,
     *     {@code attention_mask}; without a mask padding ids are taken for padding
     * @param ending when a spectrogram ends
     * @return for each text its spectrogram [F, M], in the caller's scope
     */
    public List<Tensor> generateSpeech(ModelInputs inputs, Ending ending) {
        inputs.requireOnly(Set.of("input_ids", "attention_mask", "speaker_embeddings"), "generated speech");
        return using(() -> speech(inputs, ending));
    }

    private List<Tensor> speech(ModelInputs inputs, Ending ending) {
        Tensor id_BS = inputs.require("input_ids");
        ModelInputs source = inputs.find("attention_mask").isPresent()
                ? inputs
                : inputs.with("attention_mask", id_BS.ne(new Scalar((long) spec.paddingId())).to(ScalarType.Long));
        try (NoGrad noGrad = new NoGrad();
                KeyValueCache cache = network.decoder.newCache()) {
            Tensor memory_BSC = network.encoder.forward(text(source), Capture.nothing());
            StackInput around = StackInput.of(id_BS)
                    .withMemory(Optional.of(new StackInput.Memory(memory_BSC, source.mask("attention_mask"))));
            source.require("speaker_embeddings");
            return write(around, cache, voice(source, memory_BSC), ending);
        }
    }

    private List<Tensor> write(
            StackInput around, KeyValueCache cache, Optional<Tensor> voice_BE, Ending ending) {
        Tensor memory_BSC = around.memory().orElseThrow().hidden_BMC();
        long rows = memory_BSC.size(0);
        int most = (int) (memory_BSC.size(1) * ending.mostFrames() / spec.framesPerVector());
        int least = (int) (memory_BSC.size(1) * ending.leastFrames() / spec.framesPerVector());
        List<Tensor> written_BRM = new ArrayList<>();
        Tensor last_B1M = Tensors.empty(Device.of(memory_BSC), Tensors.type(memory_BSC), rows, 1, spec.bands()).zero_();
        Map<Integer, Tensor> ended = new HashMap<>();
        for (int step = 1; ended.size() < rows; step++) {
            Tensor from_B1M = last_B1M;
            long seen = step - 1L;
            Tensor hidden_BC = Scopes.scoped(() -> {
                Tensor x_B1C = network.prenet.forward(from_B1M, voice_BE, seen);
                StackInput in = StackInput.of(Optional.empty(), Optional.of(x_B1C))
                        .withMemory(around.memory())
                        .withCache(Optional.of(cache));
                return network.decoder.forward(in, Capture.nothing()).select(1, 0);
            });
            Tensor frame_BRM = network.spectrogram.forward(hidden_BC).view(rows, spec.framesPerVector(), spec.bands());
            written_BRM.add(frame_BRM);
            last_B1M = frame_BRM.narrow(1, spec.framesPerVector() - 1, 1);
            if (step >= least) {
                float[] end_B = Tensors.toFloats(network.stop.forward(hidden_BC).sigmoid().sum(1));
                for (int row = 0; row < rows; row++) {
                    if ((step >= most || end_B[row] >= ending.threshold()) && !ended.containsKey(row)) {
                        ended.put(row, refined(written_BRM, row));
                    }
                }
            }
        }
        return new ArrayList<>(new java.util.TreeMap<>(ended).values());
    }

    /** The spectrogram of one row, [F, M]. */
    private Tensor refined(List<Tensor> written_BRM, long row) {
        return Scopes.scoped(() -> {
            Tensor rough_BFM = torch.cat(new TensorVector(written_BRM.toArray(Tensor[]::new)), 1);
            return network.postnet.forward(rough_BFM.narrow(0, row, 1)).select(0, 0);
        });
    }

    @Override
    public Module network() {
        return network;
    }
}
