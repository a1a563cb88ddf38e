package org.jformers.model.kind;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.Decoding;
import org.jformers.model.Loss;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.model.ModelOutput;
import org.jformers.model.ModelSpec;
import org.jformers.model.head.Head;
import org.jformers.model.head.LanguageModelHead;
import org.jformers.nn.Embedding;
import org.jformers.nn.Initialization;
import org.jformers.nn.Module;
import org.jformers.nn.attention.CacheKind;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.mask.BatchMasks;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.EncoderDecoder;
import org.jformers.nn.stack.HeadMask;
import org.jformers.nn.stack.StackInput;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/** An encoder and a decoder with a head: the original Transformer and all that are like it. */
public final class Seq2SeqModel extends Model {
    private final Network network;
    private final DecoderStart start;
    private final Optional<SwitchLoss> switchLoss;

    /**
     * An encoder, a decoder that reads it, and a head on the decoder.
     *
     * @param body the two stacks
     * @param head what stands on the decoder
     * @param initialization how parameters start
     * @param start what the decoder reads where the caller does not say it
     * @param switchLoss what mixtures of experts add to the loss, if there are any
     */
    public record Spec(
            EncoderDecoder.Spec body,
            Head.Spec head,
            Initialization initialization,
            DecoderStart start,
            Optional<SwitchLoss> switchLoss)
            implements ModelSpec {
        /** Without mixtures of experts. */
        public Spec(EncoderDecoder.Spec body, Head.Spec head, Initialization initialization, DecoderStart start) {
            this(body, head, initialization, start, Optional.empty());
        }

        public Spec withSwitchLoss(SwitchLoss loss) {
            return new Spec(body, head, initialization, start, Optional.of(loss));
        }

        @Override
        public OptionalInt room() {
            return body.decoder().input().room();
        }

        @Override
        public OptionalInt sourceRoom() {
            return body.encoder().input().room();
        }

        @Override
        public Optional<Embedding.Spec> tokenTable() {
            return body.decoder().input().tokenTable();
        }

        @Override
        public Optional<Embedding.Spec> sourceTable() {
            return body.encoder().input().tokenTable();
        }

        @Override
        public String toString() {
            return describe();
        }

        @Override
        public Seq2SeqModel build(Identity identity) {
            return new Seq2SeqModel(identity, this);
        }
    }

    private static final class Network extends Module {
        private final EncoderDecoder body;
        private final Head head;

        Network(Spec spec) {
            body = child("body", spec.body().build());
            head = child("head", spec.head().build(body.outputTable()));
        }
    }

    Seq2SeqModel(Identity identity, Spec spec) {
        super(identity);
        network = new Network(spec);
        start = spec.start();
        switchLoss = spec.switchLoss();
    }

    @Override
    public Set<String> takes() {
        Set<String> names = new HashSet<>(network.body.encoder().takes());
        names.addAll(network.head.takes());
        names.addAll(Set.of("decoder_input_ids", "decoder_inputs_embeds", "decoder_attention_mask", "decoder_head_mask",
                "cross_attn_head_mask", "past_key_values"));
        if (names.contains("document_ids") && network.body.decoder().takes().contains("document_ids")) {
            names.add("decoder_document_ids");
        } else {
            names.remove("document_ids");
        }
        if (switchLoss.isPresent()) {
            names.add("output_router_logits");
        }
        return names;
    }

    /** What one pass through both stacks gave. */
    private record Read(Tensor memory_BSC, Tensor hidden_BTC, Capture encoder, Capture decoder) {}

    private Read read(ModelInputs inputs) {
        Capture encoder = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions());
        Capture decoder = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions());
        Tensor memory_BSC = network.body.encoder().forward(source(inputs), encoder);
        Tensor hidden_BTC = network.body.decoder().forward(target(inputs, memory_BSC), decoder);
        return new Read(memory_BSC, hidden_BTC, encoder, decoder);
    }

    @Override
    protected ModelOutput run(ModelInputs inputs) {
        Read read = read(inputs);
        ModelOutput output = new ModelOutput();
        network.head.forward(read.hidden_BTC(), inputs, output);
        if (inputs.outputRouterLogits()) {
            switchLoss.ifPresent(loss -> {
                loss.addTo(output, "encoder", read.encoder());
                loss.addTo(output, "decoder", read.decoder());
            });
        }
        if (inputs.outputHiddenStates()) {
            output.put("decoder_last_hidden_state", read.hidden_BTC());
        }
        return output.put("encoder_last_hidden_state", read.memory_BSC())
                .putAll("encoder_hidden_states", read.encoder().hiddenStates())
                .putAll("encoder_layers", read.encoder().layerOutputs())
                .putAll("encoder_attentions", read.encoder().attentions())
                .putAll("decoder_hidden_states", read.decoder().hiddenStates())
                .putAll("decoder_layers", read.decoder().layerOutputs())
                .putAll("decoder_attentions", read.decoder().attentions())
                .putAll("cross_attentions", read.decoder().crossAttentions());
    }

    @Override
    protected Loss lossOf(ModelInputs inputs) {
        Read read = read(inputs);
        Loss loss = network.head.loss(read.hidden_BTC(), inputs);
        return switchLoss
                .map(router -> router.addTo(
                        router.addTo(loss, "encoder", read.encoder()), "decoder", read.decoder()))
                .orElse(loss);
    }

    /** Scores [..., V] of hidden states [..., C], for heads that score a vocabulary. */
    public Tensor logits(Tensor hidden) {
        return LanguageModelHead.of(network.head, identity().architecture()).logits(hidden);
    }

    /** The two stacks. */
    public EncoderDecoder body() {
        return network.body;
    }

    @Override
    public Module network() {
        return network;
    }

    @Override
    public KeyValueCache newCache() {
        return network.body.decoder().newCache();
    }

    @Override
    protected Decoding decodingOf(CacheKind kind) {
        return new CachedDecoding(network.body.decoder(), kind, this::logits, Optional.of(this::memories));
    }

    /** What the encoder makes of each source, [1, M, C], without padding. */
    private List<Tensor> memories(ModelInputs inputs) {
        Tensor memory_BMC = network.body.encoder().forward(source(inputs), Capture.nothing());
        Optional<Tensor> real_BM = realMemory(inputs);
        List<Tensor> memories = new ArrayList<>();
        for (long row = 0; row < memory_BMC.size(0); row++) {
            Tensor memory_1MC = memory_BMC.narrow(0, row, 1);
            long[] real = real_BM.isPresent() ? Tensors.toLongs(real_BM.get().select(0, row)) : new long[0];
            long[] places = LongStream.range(0, real.length).filter(i -> real[(int) i] != 0).toArray();
            memories.add(places.length == 0 || places.length == real.length
                    ? memory_1MC
                    : Tensors.pick(memory_1MC, 1, Tensors.ofLongs(places, places.length)));
        }
        return memories;
    }

    private static StackInput source(ModelInputs inputs) {
        StackInput in = inputs.features().map(StackInput::ofFeatures).orElseGet(() ->
                StackInput.of(inputs.find("input_ids"), inputs.find("inputs_embeds"))
                        .withPositions(inputs.find("position_ids")));
        return in.withMasks(InputMasks.of(inputs))
                .withHeads(new HeadMask(inputs.find("head_mask"), Optional.empty()));
    }

    /** Which vectors of the memory are real: those of the source, fewer where the entrance shortens it. */
    private Optional<Tensor> realMemory(ModelInputs inputs) {
        return network.body.encoder().input().real(source(inputs));
    }

    private BatchMasks masksOfMemory(ModelInputs inputs) {
        return new BatchMasks(
                realMemory(inputs), source(inputs).masks().documents(), Optional.empty(), Optional.empty());
    }

    private StackInput target(ModelInputs inputs, Tensor memory_BSC) {
        Optional<Tensor> embeds_BTC = inputs.find("decoder_inputs_embeds");
        Optional<Tensor> ids_BT = inputs.find("decoder_input_ids");
        if (ids_BT.isEmpty() && embeds_BTC.isEmpty()) {
            ids_BT = start.ids(inputs);
            if (ids_BT.isEmpty()) {
                throw new ShapeException("encoder-decoder: got neither decoder_input_ids nor what they follow from,"
                        + " there are " + inputs.tensors().keySet());
            }
        }
        return StackInput.of(ids_BT, embeds_BTC)
                .withMasks(InputMasks.ofTarget(inputs))
                .withMemory(Optional.of(new StackInput.Memory(memory_BSC, masksOfMemory(inputs))))
                .withCache(inputs.cache())
                .withHeads(new HeadMask(inputs.find("decoder_head_mask"), inputs.find("cross_attn_head_mask")));
    }
}
