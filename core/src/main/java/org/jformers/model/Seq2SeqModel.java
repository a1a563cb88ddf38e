package org.jformers.model;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.model.head.Losses;
import org.jformers.nn.Module;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.nn.stack.Capture;
import org.jformers.nn.stack.EncoderDecoder;
import org.jformers.nn.stack.StackInput;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;

/** An encoder and a decoder whose output layer is the shared token table. */
public final class Seq2SeqModel extends Model {
    private final EncoderDecoder network;
    private final double labelSmoothing;

    Seq2SeqModel(Identity identity) {
        super(identity);
        ModelSpec.Seq2Seq spec = (ModelSpec.Seq2Seq) identity.spec();
        network = spec.body().build();
        labelSmoothing = spec.labelSmoothing();
    }

    @Override
    public ModelOutput forward(ModelInputs inputs) {
        Capture encoderCapture = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions());
        Capture decoderCapture = new Capture(inputs.outputHiddenStates(), inputs.outputAttentions());
        Tensor memory_BSC = network.encoder().forward(source(inputs), encoderCapture);
        Tensor hidden_BTC = network.decoder().forward(target(inputs, memory_BSC), decoderCapture);
        Tensor logits_BTV = logits(hidden_BTC);
        ModelOutput output = new ModelOutput().put("logits", logits_BTV);
        inputs.find("labels").ifPresent(labels ->
                output.put("loss", Losses.smoothedCrossEntropy(logits_BTV, labels, labelSmoothing)));
        if (inputs.outputHiddenStates()) {
            output.put("decoder_last_hidden_state", hidden_BTC);
        }
        return output.put("encoder_last_hidden_state", memory_BSC)
                .putAll("encoder_hidden_states", encoderCapture.hiddenStates())
                .putAll("encoder_layers", encoderCapture.layerOutputs())
                .putAll("encoder_attentions", encoderCapture.attentions())
                .putAll("decoder_hidden_states", decoderCapture.hiddenStates())
                .putAll("decoder_layers", decoderCapture.layerOutputs())
                .putAll("decoder_attentions", decoderCapture.attentions())
                .putAll("cross_attentions", decoderCapture.crossAttentions());
    }

    /** The decoder's output [B, T, C] before the output layer, for objectives that bring their own. */
    public Tensor hidden(ModelInputs inputs) {
        Tensor memory_BSC = network.encoder().forward(source(inputs), Capture.nothing());
        return network.decoder().forward(target(inputs, memory_BSC), Capture.nothing());
    }

    /** Scores [..., V] of hidden states [..., C]. */
    public Tensor logits(Tensor hidden) {
        return torch.linear(hidden, network.embedding().table());
    }

    /** Share of the target probability that is spread over all tokens while training. */
    public double labelSmoothing() {
        return labelSmoothing;
    }

    @Override
    public EncoderDecoder network() {
        return network;
    }

    @Override
    public KeyValueCache newCache() {
        return network.decoder().newCache();
    }

    @Override
    public Decoding decoding(ModelInputs source) {
        return new Seq2SeqDecoding(source);
    }

    private static StackInput source(ModelInputs inputs) {
        Optional<Tensor> none = Optional.empty();
        return new StackInput(
                inputs.find("input_ids"), inputs.find("inputs_embeds"), inputs.find("position_ids"), none,
                inputs.mask("attention_mask"), none, none, Optional.empty());
    }

    private static StackInput target(ModelInputs inputs, Tensor memory_BSC) {
        Optional<Tensor> none = Optional.empty();
        if (inputs.find("decoder_input_ids").isEmpty()) {
            throw new ShapeException("encoder-decoder: got no decoder_input_ids, there are "
                    + inputs.tensors().keySet());
        }
        return new StackInput(
                inputs.find("decoder_input_ids"), none, none, none, inputs.mask("decoder_attention_mask"),
                Optional.of(memory_BSC), inputs.mask("attention_mask"), inputs.cache());
    }

    /** Has read the source; reads the target on with a cache. */
    private final class Seq2SeqDecoding implements Decoding {
        private final KeyValueCache cache = network.decoder().newCache();
        private Tensor memory_BSC;
        /** bool [B, S]; null if the source has no padding. */
        private Tensor real_BS;

        Seq2SeqDecoding(ModelInputs inputs) {
            Scopes.run(() -> {
                memory_BSC = Scopes.keep(network.encoder().forward(source(inputs), Capture.nothing()));
                real_BS = inputs.mask("attention_mask").map(mask -> Scopes.keep(mask.detach())).orElse(null);
            });
        }

        @Override
        public Tensor next(Tensor ids_BT) {
            return Scopes.scoped(() -> {
                Optional<Tensor> none = Optional.empty();
                StackInput in = new StackInput(Optional.of(ids_BT), none, none, none, none,
                        Optional.of(memory_BSC), Optional.ofNullable(real_BS), Optional.of(cache));
                Tensor hidden_BTC = network.decoder().forward(in, Capture.nothing());
                return logits(hidden_BTC.select(1, ids_BT.size(1) - 1)).to(ScalarType.Float);
            });
        }

        @Override
        public void reorder(Tensor rows_B) {
            cache.reorder(rows_B);
            memory_BSC = replaced(memory_BSC, rows_B);
            real_BS = real_BS == null ? null : replaced(real_BS, rows_B);
        }

        private Tensor replaced(Tensor old, Tensor rows_B) {
            Tensor chosen = Scopes.keep(old.index_select(0, rows_B));
            old.close();
            return chosen;
        }

        @Override
        public void close() {
            cache.close();
            memory_BSC.close();
            if (real_BS != null) {
                real_BS.close();
            }
        }
    }
}
